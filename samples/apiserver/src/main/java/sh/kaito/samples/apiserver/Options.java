package sh.kaito.samples.apiserver;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line. */
final class Options {
  static final String USAGE =
      """
      usage: apiserver [OPTION...]

        --port N              port on 127.0.0.1; 0 takes a free one (default 18080)
        --kubeconfig FILE     where to write the kubeconfig (default target/kubeconfig)
        --tls                 HTTPS; the CA is in the kubeconfig. kubectl sends tokens over TLS only
        --rbac                enforce RBAC; without it everybody may do everything
        --token NAME=TOKEN[,GROUP...]
                              a user with a bearer token; repeatable. admin is there anyway, with a
                              random token unless it is named here
        --kaito-crds          install the CRDs of Kaito and of NodeClaims
        --crds DIR            install the CRDs in the YAML files of a folder, instead of those; where
                              several define one resource, the one with the newest version
        --nodes               simulated nodes: NodeClaims become Nodes with GPUs
        --controllers         simulated controllers of Deployments, StatefulSets and Jobs
        --kubelet             simulated scheduler and kubelet: pods run and answer as a model would
        --simulate            all of --kaito-crds --nodes --controllers --kubelet
        --compaction-port N   POST /v3/kv/compaction on 127.0.0.1:N forgets the history of changes, as
                              etcd's gateway does
        --help                this text

      The garbage collector and the controllers of namespaces and service accounts always run.
      One line is printed when it is ready. SIGTERM and Ctrl-C stop it.
      exit code: 1 it cannot start, 2 wrong usage
      """;

  /** A user with a bearer token. */
  record User(String name, String token, List<String> groups) {
    /** The token is a secret. */
    @Override
    public String toString() {
      return name + " " + groups;
    }
  }

  boolean help;
  int port = 18080;
  Path kubeconfig = Path.of("target", "kubeconfig");
  boolean tls;
  boolean rbac;
  final List<User> users = new ArrayList<>();
  boolean kaitoCrds;
  Optional<Path> crds = Optional.empty();
  boolean nodes;
  boolean controllers;
  boolean kubelet;
  Optional<Integer> compactionPort = Optional.empty();

  private Options() {}

  /** Reads the arguments; a problem is answered by an exception whose message says which. */
  static Options parse(List<String> arguments) {
    Options options = new Options();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "--help", "-h" -> options.help = true;
        case "--port" -> options.port = port(argument, value(arguments, ++i, argument));
        case "--kubeconfig" -> options.kubeconfig = Path.of(value(arguments, ++i, argument));
        case "--tls" -> options.tls = true;
        case "--rbac" -> options.rbac = true;
        case "--token" -> options.users.add(user(value(arguments, ++i, argument)));
        case "--kaito-crds" -> options.kaitoCrds = true;
        case "--crds" -> options.crds = Optional.of(Path.of(value(arguments, ++i, argument)));
        case "--nodes" -> options.nodes = true;
        case "--controllers" -> options.controllers = true;
        case "--kubelet" -> options.kubelet = true;
        case "--simulate" -> {
          options.kaitoCrds = true;
          options.nodes = true;
          options.controllers = true;
          options.kubelet = true;
        }
        case "--compaction-port" ->
            options.compactionPort = Optional.of(port(argument, value(arguments, ++i, argument)));
        default -> throw new IllegalArgumentException("unknown option " + argument);
      }
    }
    return options;
  }

  private static int port(String option, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " takes a number, and not " + text, e);
    }
    throw new IllegalArgumentException(option + " takes 0 to 65535, and not " + text);
  }

  /** The message never holds the value: it may be a token. */
  private static User user(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals + 1 == text.length()) {
      throw new IllegalArgumentException("--token takes NAME=TOKEN[,GROUP...]");
    }
    List<String> parts = List.of(text.substring(equals + 1).split(",", -1));
    return new User(text.substring(0, equals), parts.get(0), parts.subList(1, parts.size()));
  }

  private static String value(List<String> arguments, int index, String option) {
    if (index >= arguments.size()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return arguments.get(index);
  }
}
