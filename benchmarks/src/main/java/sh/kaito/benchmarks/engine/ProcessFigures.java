package sh.kaito.benchmarks.engine;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What this process has used so far. */
final class ProcessFigures {
  /** Where Linux tells the memory of a process. */
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessFigures() {}

  /** CPU time of the whole process, its compiler and collector included, in nanoseconds. */
  static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Heap in use after a full collection, in bytes. */
  static long heapAfterCollection() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** All figures by name; memory in KiB, times in milliseconds. */
  static Map<String, Long> all() {
    Map<String, Long> figures = new TreeMap<>();
    figures.put("cpu-ms", cpuNanos() / 1_000_000);
    figures.put("jit-ms", ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
    figures.put(
        "gc-ms",
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .sum());
    figures.put("classes", (long) ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    figures.put("threads", (long) ManagementFactory.getThreadMXBean().getThreadCount());
    figures.put("threads-peak", (long) ManagementFactory.getThreadMXBean().getPeakThreadCount());
    figures.put(
        "heap-committed-kib",
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() >> 10);
    figures.put("rss-peak-kib", resident("VmHWM:"));
    figures.put("rss-kib", resident("VmRSS:"));
    return figures;
  }

  /** A figure of {@code /proc/self/status}; 0 on systems without. */
  private static long resident(String name) {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
