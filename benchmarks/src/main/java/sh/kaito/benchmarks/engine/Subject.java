package sh.kaito.benchmarks.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.core.provision.ClaimProvisioner;

/**
 * The process that is measured: the controller, or the floor, and nothing else. It is led over
 * standard input and output: {@code report} and {@code heap} are answered by lines {@code
 * name=value} up to a line with a dot, {@code stop} or the end of input ends it.
 */
final class Subject {
  /** Begins each line that is meant for {@link SubjectProcess}; a logger may write others. */
  static final String FIGURE = "figure ";

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final PrintStream out;
  private final RequestTally tally;

  private Subject(PrintStream out, RequestTally tally) {
    this.out = out;
    this.tally = tally;
  }

  /**
   * Runs it.
   *
   * @param arguments {@code kaito} or {@code floor}; kubeconfig; workers
   */
  public static void main(String[] arguments) throws IOException {
    Path kubeconfig = Path.of(arguments[1]);
    int workers = Integer.parseInt(arguments[2]);
    RequestTally tally = new RequestTally(HttpKubeTransport.fromKubeconfig(kubeconfig));
    Subject subject = new Subject(System.out, tally);
    if (arguments[0].equals("floor")) {
      subject.runFloor();
    } else {
      subject.runKaito(workers);
    }
  }

  private void runKaito(int workers) throws IOException {
    try (tally;
        SystemScheduler looks = SystemScheduler.create("benchmark", 1);
        KaitoController controller =
            KaitoController.builder(tally)
                .provisioner(ClaimProvisioner.gpuProvisioner())
                .workers(workers)
                .alongsideGoOperator()
                .build()
                .start()) {
      announce(looks, controller::isReady);
      obey();
    }
  }

  private void runFloor() throws IOException {
    try (tally;
        SystemScheduler scheduler = SystemScheduler.create("floor", 2);
        FloorController floor = FloorController.start(tally, scheduler)) {
      announce(scheduler, floor::isSynced);
      obey();
    }
  }

  /** Says once that the caches are complete. */
  private void announce(Scheduler scheduler, BooleanSupplier synced) {
    if (synced.getAsBoolean()) {
      tell(Map.of("synced-ms", ManagementFactory.getRuntimeMXBean().getUptime()));
    } else {
      scheduler.schedule(LOOK_EVERY, () -> announce(scheduler, synced));
    }
  }

  private void obey() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command = in.readLine(); command != null; command = in.readLine()) {
      switch (command) {
        case "report" -> {
          Map<String, Long> figures = new TreeMap<>(ProcessFigures.all());
          figures.putAll(tally.counts());
          tell(figures);
        }
        case "heap" -> tell(Map.of("heap", ProcessFigures.heapAfterCollection()));
        case "stop" -> {
          return;
        }
        default -> throw new IllegalStateException("unknown command " + command);
      }
    }
  }

  private synchronized void tell(Map<String, Long> figures) {
    figures.forEach((name, value) -> out.println(FIGURE + name + "=" + value));
    out.println(".");
    out.flush();
  }
}
