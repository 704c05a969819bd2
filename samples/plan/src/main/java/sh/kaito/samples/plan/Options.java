package sh.kaito.samples.plan;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line. */
final class Options {
  /** What is printed about a Workspace. */
  enum Output {
    EXPLAIN,
    JSON,
    OBJECTS
  }

  static final String USAGE =
      """
      usage: plan [FILE...] [--output explain|json|objects] [--old FILE] [--byo-nodes FILE]

        FILE               manifests; ConfigMaps beside the Workspaces are taken into account;
                           without a file, or with -, they are read from the standard input
        --output explain   the plan for a person (default)
        --output json      the plan for a program, one JSON document per Workspace
        --output objects   the Kubernetes objects of the workload as they would be applied, as YAML
        --old FILE         the Workspaces as they are now: checks the change, and says what it does
        --byo-nodes FILE   your own nodes (kubectl get nodes -o yaml): nothing is bought
        --help             this text

      A file counts whole: where one document of it cannot be read, none of its Workspaces is
      planned. What is read is planned one by one: a Workspace that is refused keeps no other from
      its plan, and the exit code tells of it.
      Nothing is sent to a cluster or a cloud. Plans go to the standard output; what is wrong or
      doubtful goes to the standard error, one line each: file:line:column: path: message
      exit code: 0 all is well, 1 something is refused, 2 wrong usage, an unreadable file, or
      no Workspace at all (an empty standard input)
      """;

  final List<Path> files = new ArrayList<>();
  Output output = Output.EXPLAIN;
  Optional<Path> old = Optional.empty();
  Optional<Path> nodes = Optional.empty();
  boolean help;

  private Options() {}

  /** Reads the arguments; a problem is answered by an exception whose message says which. */
  static Options parse(List<String> arguments) {
    Options options = new Options();
    boolean onlyFiles = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (onlyFiles || !argument.startsWith("-") || argument.equals("-")) {
        options.files.add(path(argument));
        continue;
      }
      int equals = argument.indexOf('=');
      String option = equals < 0 ? argument : argument.substring(0, equals);
      switch (option) {
        case "--" -> onlyFiles = true;
        case "--help", "-h" -> options.help = true;
        case "--output", "-o", "--old", "--byo-nodes" -> {
          String value = equals < 0 ? next(arguments, ++i, option) : argument.substring(equals + 1);
          options.set(option, value);
        }
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    return options;
  }

  private void set(String option, String value) {
    switch (option) {
      case "--old" -> old = Optional.of(path(value));
      case "--byo-nodes" -> nodes = Optional.of(path(value));
      default ->
          output =
              switch (value) {
                case "explain" -> Output.EXPLAIN;
                case "json" -> Output.JSON;
                case "objects" -> Output.OBJECTS;
                default ->
                    throw new IllegalArgumentException(
                        option + " takes explain, json or objects, and not " + value);
              };
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("no file name: " + e.getReason(), e);
    }
  }

  private static String next(List<String> arguments, int index, String option) {
    if (index >= arguments.size()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return arguments.get(index);
  }
}
