package sh.kaito.benchmarks.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The measured process, seen from outside. */
final class SubjectProcess implements AutoCloseable {
  private static final int END_LIMIT_SECONDS = 30;

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream commands;

  private SubjectProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /**
   * Starts a JVM of its own.
   *
   * @param flags options of that JVM
   * @param name {@code kaito} or {@code floor}
   */
  static SubjectProcess start(List<String> flags, String name, Path kubeconfig, int workers)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(classPath());
    command.add(Subject.class.getName());
    command.addAll(List.of(name, kubeconfig.toString(), Integer.toString(workers)));
    return new SubjectProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Of this class, whether Maven or {@code java -cp} has loaded it. */
  private static String classPath() {
    if (SubjectProcess.class.getClassLoader() instanceof URLClassLoader loader) {
      List<String> entries = new ArrayList<>();
      for (URL url : loader.getURLs()) {
        try {
          entries.add(Path.of(url.toURI()).toString());
        } catch (URISyntaxException e) {
          throw new IllegalStateException("cannot pass on the class path entry " + url, e);
        }
      }
      return String.join(System.getProperty("path.separator"), entries);
    }
    return System.getProperty("java.class.path");
  }

  /** Waits until its caches are complete; how long that took since its JVM began. */
  long awaitSynced() throws IOException {
    return answer().getOrDefault("synced-ms", 0L);
  }

  /** All its figures. */
  Map<String, Long> report() throws IOException {
    commands.println("report");
    return answer();
  }

  /** Its heap after a full collection, in bytes. */
  long heap() throws IOException {
    commands.println("heap");
    return answer().getOrDefault("heap", 0L);
  }

  long pid() {
    return process.pid();
  }

  private Map<String, Long> answer() throws IOException {
    Map<String, Long> figures = new TreeMap<>();
    for (String line = answers.readLine(); !".".equals(line); line = answers.readLine()) {
      if (line == null) {
        throw new IllegalStateException(
            "the measured process has ended; what it wrote to standard error says why");
      }
      int equals = line.lastIndexOf('=');
      if (line.startsWith(Subject.FIGURE)) {
        figures.put(
            line.substring(Subject.FIGURE.length(), equals),
            Long.valueOf(line.substring(equals + 1)));
      }
    }
    return figures;
  }

  /** Ends it in good order. */
  @Override
  public void close() {
    commands.println("stop");
    try {
      if (!process.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
