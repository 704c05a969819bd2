package sh.kaito.benchmarks.engine;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Brings many single-node inference Workspaces from apply to ready and prints what that took, with
 * the controller in a process of its own, so that its figures are its own. {@code --help} shows the
 * options.
 */
public final class EngineBenchmark {
  private final PrintStream out;
  private final Options options;

  private EngineBenchmark(PrintStream out, Options options) {
    this.out = out;
    this.options = options;
  }

  /** Runs it; {@code --help} shows the options. */
  public static void main(String[] arguments) throws Exception {
    Options options;
    try {
      options = Options.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    if (options.help) {
      System.out.print(Options.USAGE);
      return;
    }
    run(System.out, options);
  }

  static void run(PrintStream out, Options options) throws IOException, InterruptedException {
    new EngineBenchmark(out, options).run();
  }

  /** All runs of the options, each on a fresh embedded cluster. */
  private void run() throws IOException, InterruptedException {
    if (options.warmUp > 0) {
      // Else the first that is measured would wait for the compiler of the API server.
      try (Cluster cluster = Cluster.start(options, options.warmUp);
          Fleet fleet = Fleet.in(cluster, options, namespace(), options.warmUp);
          SubjectProcess process = start(cluster, "floor", options.warmUp)) {
        process.awaitSynced();
        fleet.bringUp();
        if (options.kubeconfig.isPresent()) {
          fleet.removeNamespace();
        }
      }
    }
    for (int count : options.workspaces) {
      Map<String, Double> seconds = new TreeMap<>();
      Map<String, Double> cpu = new TreeMap<>();
      Map<String, Double> both = new TreeMap<>();
      for (String subject : options.subjects) {
        try (Cluster cluster = Cluster.start(options, count)) {
          line(
              "== %,d Workspaces, %s", count, subject.equals("floor") ? "floor" : "Kaito for Java");
          line("cluster                %s", cluster);
          Outcome outcome = run(cluster, subject, count);
          seconds.put(subject, outcome.wall);
          cpu.put(subject, outcome.cpu);
          both.put(subject, outcome.both);
        }
      }
      if (seconds.size() == 2) {
        line("== %,d Workspaces: ratio to the floor", count);
        line("wall                   %.2f", ratio(seconds));
        line("CPU of the controller  %.2f", ratio(cpu));
        line("CPU of both processes  %.2f", ratio(both));
      }
    }
  }

  private static double ratio(Map<String, Double> figures) {
    return figures.getOrDefault("kaito", 0.0) / figures.getOrDefault("floor", 1.0);
  }

  /**
   * Seconds of one run.
   *
   * @param both CPU time of both processes while the Workspaces came up: what the wall time is made
   *     of where the processors are the limit
   */
  private record Outcome(double wall, double cpu, double both) {}

  private Outcome run(Cluster cluster, String subject, int count)
      throws IOException, InterruptedException {
    line("JVM                    %s %s", Runtime.version(), String.join(" ", options.flags(count)));
    try (Fleet fleet = Fleet.in(cluster, options, namespace(), count)) {
      Outcome outcome;
      try (SubjectProcess process = start(cluster, subject, count)) {
        outcome = bringUp(process, fleet, count);
        settled(process);
        if (options.deletes() && !(options.restart && subject.equals("kaito"))) {
          delete(process, fleet, subject);
        }
      }
      if (options.restart && subject.equals("kaito")) {
        restart(cluster, fleet, count);
      }
      return outcome;
    }
  }

  private Outcome bringUp(SubjectProcess process, Fleet fleet, int count) throws IOException {
    line("caches synced          %,d ms after the start of its JVM", process.awaitSynced());
    long heapBefore = process.heap();
    Map<String, Long> before = process.report();
    long serverBefore = ProcessFigures.cpuNanos();
    fleet.bringUp();
    long server = ProcessFigures.cpuNanos() - serverBefore;
    Map<String, Long> after = process.report();
    long heap = process.heap() - heapBefore;
    double wall = seconds(fleet.readyTime(1));
    double cpu = after.getOrDefault("cpu-ms", 0L) / 1e3;
    line(
        "all ready              %.2f s (all applied after %.2f s)",
        wall, seconds(fleet.applyTime()));
    line(
        "first, median ready    %.2f s, %.2f s",
        seconds(fleet.readyTime(0)), seconds(fleet.readyTime(0.5)));
    requests(difference(before, after), count);
    line(
        "CPU                    %.2f s since its start, %.2f s of it in this phase; its compiler %.2f s, its collector %.2f s",
        cpu,
        cpu - before.getOrDefault("cpu-ms", 0L) / 1e3,
        after.getOrDefault("jit-ms", 0L) / 1e3,
        after.getOrDefault("gc-ms", 0L) / 1e3);
    line("CPU of this process    %.2f s (API server, simulators, who applies)", server / 1e9);
    memory(after);
    line(
        "heap                   %.1f MiB, %.1f KiB of it for each Workspace",
        (heap + heapBefore) / 1048576.0, heap / 1024.0 / count);
    return new Outcome(wall, cpu, cpu - before.getOrDefault("cpu-ms", 0L) / 1e3 + server / 1e9);
  }

  private void memory(Map<String, Long> figures) {
    line(
        "resident memory        %.0f MiB at most; %d threads at most, %d now; %,d classes",
        figures.getOrDefault("rss-peak-kib", 0L) / 1024.0,
        figures.getOrDefault("threads-peak", 0L),
        figures.getOrDefault("threads", 0L),
        figures.getOrDefault("classes", 0L));
  }

  private void settled(SubjectProcess process) throws IOException, InterruptedException {
    // What follows the last status write: its own echo, and the last looks.
    pause(Duration.ofSeconds(2));
    Map<String, Long> before = process.report();
    pause(options.settle);
    Map<String, Long> quiet = difference(before, process.report());
    line(
        "settled                %d requests in %d s, CPU %d ms",
        sent(quiet), options.settle.toSeconds(), quiet.getOrDefault("cpu-ms", 0L));
  }

  private SubjectProcess start(Cluster cluster, String subject, int count) throws IOException {
    return SubjectProcess.start(
        options.flags(count), subject, cluster.kubeconfig(), options.workers);
  }

  private static String namespace() {
    return "kaito-benchmark-" + Long.toString(System.nanoTime(), 36);
  }

  private void restart(Cluster cluster, Fleet fleet, int count)
      throws IOException, InterruptedException {
    try (SubjectProcess process = start(cluster, "kaito", count)) {
      long synced = process.awaitSynced();
      long cpu = process.report().getOrDefault("cpu-ms", 0L);
      pause(options.settle);
      Map<String, Long> after = process.report();
      line(
          "restart                synced after %,d ms and %.2f s of CPU; %.2f s after %d s more",
          synced, cpu / 1e3, after.getOrDefault("cpu-ms", 0L) / 1e3, options.settle.toSeconds());
      line("restart, requests      %s", verbs(after));
      memory(after);
      if (options.deletes()) {
        delete(process, fleet, "kaito");
      }
    }
  }

  private void delete(SubjectProcess process, Fleet fleet, String subject) throws IOException {
    if (subject.equals("floor")) {
      // It releases nothing; the claims go with the cluster, or by hand.
      return;
    }
    Map<String, Long> before = process.report();
    long begun = System.nanoTime();
    fleet.remove();
    Map<String, Long> after = difference(before, process.report());
    line(
        "deleted                %.2f s, CPU %.2f s",
        (System.nanoTime() - begun) / 1e9, after.getOrDefault("cpu-ms", 0L) / 1e3);
    line("deleted, requests      %s", verbs(after));
    fleet.removeNamespace();
  }

  private static void pause(Duration time) throws InterruptedException {
    // Nothing counts it down: what is measured here is that nothing happens.
    boolean unused = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> difference = new TreeMap<>();
    after.forEach(
        (name, value) -> {
          long more = value - before.getOrDefault(name, 0L);
          if (more != 0) {
            difference.put(name, more);
          }
        });
    return difference;
  }

  private void requests(Map<String, Long> figures, int count) {
    line(
        "requests               %,d, %.2f for each Workspace; %,d conflicts, %,d without answer; %,d watch events",
        sent(figures),
        sent(figures) / (double) count,
        figures.getOrDefault("answer 409", 0L),
        figures.getOrDefault("answer none", 0L),
        figures.getOrDefault("events", 0L));
    figures.forEach(
        (name, value) -> {
          if (name.startsWith("sent ")) {
            line("  %-20s %,d", name.substring("sent ".length()), value);
          }
        });
    figures.forEach(
        (name, value) -> {
          if (name.startsWith("answer ")) {
            line("  answered %-11s %,d", name.substring("answer ".length()), value);
          }
        });
  }

  private static String verbs(Map<String, Long> figures) {
    Map<String, Long> verbs = new TreeMap<>();
    figures.forEach(
        (name, value) -> {
          if (name.startsWith("sent ")) {
            String what = name.contains("discovery") ? "discovery" : name.split(" ")[1];
            verbs.merge(what, value, Long::sum);
          }
        });
    return verbs.isEmpty() ? "none" : verbs.toString();
  }

  private static long sent(Map<String, Long> figures) {
    return figures.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("sent "))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
