package sh.kaito.benchmarks.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The command line of {@link EngineBenchmark}. */
final class Options {
  static final String USAGE =
      """
      Brings Workspaces from apply to ready with the real controller in a process of its own, and prints what that cost.

        --workspaces=N           how many; several are run one after the other: 100,500 (default 100)
        --subject=kaito,floor    what is measured: the controller, a minimal one, or both (default)
        --jvm="FLAGS"            flags of the measured JVM; default: those of docs/operations.md
        --workers=N              Workspaces with requests under way at once (default 16)
        --preset=NAME            default phi-3-mini-4k-instruct
        --instance-type=NAME     default Standard_NC6s_v3
        --warm-up=N              Workspaces that are brought up beforehand, so that the embedded API server is compiled (default 100)
        --node-delay=MS          from the claim to its node's GPUs (default 0)
        --pod-delay=MS           from the pod to its readiness (default 0)
        --settle=SECONDS         how long nothing may happen afterwards (default 10)
        --restart=BOOLEAN        start a second controller over the ready Workspaces (default true)
        --delete=BOOLEAN         delete the Workspaces at the end, and measure that (default: true with --kubeconfig); after a restart that takes two minutes, as long as a purchase of the process before could arrive
        --kubeconfig=FILE        a cluster that is there already, instead of the embedded API server
        --simulate=BOOLEAN       with --kubeconfig: play its nodes and pods (default true); false where others do
        --limit=SECONDS          for one phase (default 600)
      """;

  /** As docs/operations.md recommends for a small footprint. */
  static final String SMALL =
      "-XX:+UseSerialGC -Xmx96m -Xss512k -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=32m";

  List<Integer> workspaces = List.of(100);
  List<String> subjects = List.of("kaito", "floor");
  List<String> jvm = List.of();
  int workers = 16;
  int warmUp = 100;
  String preset = "phi-3-mini-4k-instruct";
  String instanceType = "Standard_NC6s_v3";
  Duration nodeDelay = Duration.ZERO;
  Duration podDelay = Duration.ZERO;
  Duration settle = Duration.ofSeconds(10);
  Duration limit = Duration.ofMinutes(10);
  boolean restart = true;
  boolean simulate = true;
  boolean help;
  Optional<Boolean> delete = Optional.empty();
  Optional<Path> kubeconfig = Optional.empty();

  private Options() {}

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException when it has what is not known
   */
  static Options parse(List<String> arguments) {
    Options options = new Options();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      options.set(name, equals < 0 ? "" : argument.substring(equals + 1));
    }
    return options;
  }

  private void set(String name, String value) {
    switch (name) {
      case "--help" -> help = true;
      case "--workspaces" ->
          workspaces = List.of(value.split(",")).stream().map(n -> number(name, n)).toList();
      case "--subject" -> subjects = subjects(value);
      case "--jvm" -> jvm = List.of(value.trim().split(" +"));
      case "--workers" -> workers = number(name, value);
      case "--warm-up" -> warmUp = number(name, value);
      case "--preset" -> preset = value;
      case "--instance-type" -> instanceType = value;
      case "--node-delay" -> nodeDelay = Duration.ofMillis(number(name, value));
      case "--pod-delay" -> podDelay = Duration.ofMillis(number(name, value));
      case "--settle" -> settle = Duration.ofSeconds(number(name, value));
      case "--limit" -> limit = Duration.ofSeconds(number(name, value));
      case "--restart" -> restart = truth(name, value);
      case "--simulate" -> simulate = truth(name, value);
      case "--delete" -> delete = Optional.of(truth(name, value));
      case "--kubeconfig" -> kubeconfig = Optional.of(Path.of(value));
      default ->
          throw new IllegalArgumentException("unknown option " + name + "; --help shows all");
    }
  }

  private static List<String> subjects(String value) {
    List<String> names = List.of(value.split(","));
    List<String> wrong = new ArrayList<>(names);
    wrong.removeAll(List.of("kaito", "floor"));
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "--subject: found " + wrong + ", allowed are kaito and floor");
    }
    return names;
  }

  private static int number(String name, String value) {
    if (!value.matches("\\d{1,7}")) {
      throw new IllegalArgumentException(name + ": found \"" + value + "\", needs a whole number");
    }
    return Integer.parseInt(value);
  }

  private static boolean truth(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              name + ": found \"" + value + "\", allowed are true and false");
    };
  }

  /** Flags of the measured JVM: given, or those of the documentation with a heap for so many. */
  List<String> flags(int count) {
    if (!jvm.isEmpty()) {
      return jvm;
    }
    String flags = count <= 1000 ? SMALL : SMALL.replace("-Xmx96m", "-Xmx512m");
    return List.of(flags.split(" "));
  }

  boolean deletes() {
    return delete.orElse(kubeconfig.isPresent());
  }
}
