package sh.kaito.samples.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line. */
final class Options {
  static final String USAGE =
      """
      usage: plan [FILE...] [--output explain|json] [--old FILE] [--byo-nodes FILE]

        FILE               manifests; ConfigMaps beside the Workspaces are taken into account;
                           without a file, or with -, they are read from the standard input
        --output explain   the plan for a person (default)
        --output json      the plan for a program, one JSON document per Workspace
        --old FILE         the Workspaces as they are now: checks the change
        --byo-nodes FILE   your own nodes (kubectl get nodes -o yaml): nothing is bought

      exit code: 0 all is well, 1 something is refused, 2 wrong usage
      """;

  final List<Path> files = new ArrayList<>();
  boolean json;
  Optional<Path> old = Optional.empty();
  Optional<Path> nodes = Optional.empty();

  private Options() {}

  /** Reads the arguments; a problem is answered by an exception whose message says which. */
  static Options parse(List<String> arguments) {
    Options options = new Options();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "--output" -> options.json = json(value(arguments, ++i, argument));
        case "--old" -> options.old = Optional.of(Path.of(value(arguments, ++i, argument)));
        case "--byo-nodes" -> options.nodes = Optional.of(Path.of(value(arguments, ++i, argument)));
        default -> {
          if (argument.startsWith("--")) {
            throw new IllegalArgumentException("unknown option " + argument);
          }
          options.files.add(Path.of(argument));
        }
      }
    }
    return options;
  }

  private static boolean json(String format) {
    return switch (format) {
      case "json" -> true;
      case "explain" -> false;
      default ->
          throw new IllegalArgumentException("--output takes explain or json, and not " + format);
    };
  }

  private static String value(List<String> arguments, int index, String option) {
    if (index >= arguments.size()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return arguments.get(index);
  }
}
