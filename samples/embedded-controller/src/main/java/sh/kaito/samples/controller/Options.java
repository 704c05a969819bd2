package sh.kaito.samples.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sh.kaito.core.engine.AdoptionPolicy;
import sh.kaito.core.provision.NodeClassRef;

/** The command line. */
final class Options {
  static final String USAGE =
      """
      usage: embedded-controller --provisioner=NAME [OPTION...]

      Runs as the operator of the cluster that KUBECONFIG names, or ~/.kube/config, or of the one it
      runs in. Installs nothing unless told.

        --provisioner=NAME    who gets the GPU nodes (required):
                                gpu-provisioner  NodeClaims for Azure's gpu-provisioner
                                karpenter        NodeClaims for a Karpenter, see --node-class
                                machine          Machines of Karpenter before NodeClaims
                                byo              Nodes that exist already
        --node-class=GROUP/KIND/NAME
                              node class of --provisioner=karpenter
                              (default karpenter.azure.com/AKSNodeClass/default)
        --namespaces=A,B      work on these namespaces alone (default: all)
        --selector=LABELS     work on Workspaces with such labels alone, as kubectl -l takes it
        --workers=N           Workspaces with requests under way at once (default 16)
        --leader-elect[=NAMESPACE/NAME]
                              of several replicas only one works, by this Lease
                              (default kaito-system/kaito)
        --metrics-port=N      /metrics, /healthz and /readyz on this port; 0 takes a free one
        --metrics-host=HOST   address to listen on (default 127.0.0.1; in a pod 0.0.0.0)
        --kube-client-qps=N   requests a second to the API server (default: no limit of ours)
        --kube-client-burst=N at once after a pause (default twice the requests a second)
        --installation=NAME   tells installations in one cluster apart; goes into names of nodes
        --install-crds        install the definition of Workspaces first
        --check               look whether the cluster has what these options need, print it with
                              a verdict, and end: exit code 0 when it can work, else 1
        --print-rbac          print the permissions for these options as YAML, with namespaces and
                              ServiceAccount, and end; needs no cluster
        --adopt=WHICH         take Workspaces of the Go operator over, with nodes and models:
                                on-request       those labelled java.kaito.sh/operator=java
                                all              all but those labelled ...=go
                              (without it on-request too, but --print-rbac leaves the rights out)
        --alongside-go-operator
                              start although the Go operator runs
        --help                this text

      Logs one line when its caches are synced. SIGTERM and Ctrl-C end it; nodes and models stay.
      LOG_LEVEL sets the log level (default INFO).
      exit code: 1 it cannot work (the message says why), 2 wrong usage
      """;

  boolean help;
  String provisioner = "";
  NodeClassRef nodeClass = new NodeClassRef("karpenter.azure.com", "AKSNodeClass", "default");
  List<String> namespaces = List.of();
  String selector = "";
  int workers = 16;
  Optional<String> lease = Optional.empty();
  Optional<Integer> metricsPort = Optional.empty();
  String metricsHost = "127.0.0.1";
  int qps;
  int burst;
  String installation = "default";
  boolean installCrds;
  boolean check;
  boolean printRbac;
  boolean alongsideGoOperator;
  Optional<AdoptionPolicy> adopt = Optional.empty();

  private Options() {}

  /** Reads the arguments; {@code --name value} is as good as {@code --name=value}. */
  static Options parse(List<String> arguments) {
    Options options = new Options();
    List<String> left = new ArrayList<>(arguments);
    while (!left.isEmpty()) {
      String argument = left.remove(0);
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      Optional<String> value =
          equals < 0 ? Optional.empty() : Optional.of(argument.substring(equals + 1));
      options.set(name, value, left);
    }
    if (!options.help && options.provisioner.isEmpty()) {
      throw new IllegalArgumentException(
          "--provisioner is missing; allowed are gpu-provisioner, karpenter, machine, byo");
    }
    return options;
  }

  private void set(String name, Optional<String> value, List<String> left) {
    switch (name) {
      case "--help", "-h" -> help = flag(name, value);
      case "--install-crds" -> installCrds = flag(name, value);
      case "--check" -> check = flag(name, value);
      case "--print-rbac" -> printRbac = flag(name, value);
      case "--alongside-go-operator" -> alongsideGoOperator = flag(name, value);
      case "--adopt" -> adopt = Optional.of(adopt(needed(name, value, left)));
      case "--leader-elect" -> lease = Optional.of(lease(value.orElse("kaito-system/kaito")));
      case "--provisioner" -> provisioner = provisioner(needed(name, value, left));
      case "--node-class" -> nodeClass = nodeClass(needed(name, value, left));
      case "--namespaces" -> namespaces = List.of(needed(name, value, left).split(","));
      case "--selector" -> selector = needed(name, value, left);
      case "--workers" -> workers = number(name, needed(name, value, left), 1, 1000);
      case "--metrics-port" ->
          metricsPort = Optional.of(number(name, needed(name, value, left), 0, 65535));
      case "--metrics-host" -> metricsHost = needed(name, value, left);
      case "--kube-client-qps" -> qps = number(name, needed(name, value, left), 1, 100_000);
      case "--kube-client-burst" -> burst = number(name, needed(name, value, left), 1, 100_000);
      case "--installation" -> installation = needed(name, value, left);
      default -> throw new IllegalArgumentException("unknown option " + name);
    }
  }

  private static boolean flag(String name, Optional<String> value) {
    if (value.filter(text -> !text.equals("true")).isPresent()) {
      throw new IllegalArgumentException(name + " takes no value, found \"" + value.get() + "\"");
    }
    return true;
  }

  private static String needed(String name, Optional<String> value, List<String> left) {
    if (value.isPresent()) {
      return value.get();
    }
    if (left.isEmpty() || left.get(0).startsWith("--")) {
      throw new IllegalArgumentException(name + " needs a value");
    }
    return left.remove(0);
  }

  private static String provisioner(String name) {
    if (!List.of("gpu-provisioner", "karpenter", "machine", "byo").contains(name)) {
      throw new IllegalArgumentException(
          "--provisioner: found \""
              + name
              + "\", allowed are gpu-provisioner, karpenter, machine, byo");
    }
    return name;
  }

  private static AdoptionPolicy adopt(String which) {
    return switch (which) {
      case "on-request" -> AdoptionPolicy.ON_REQUEST;
      case "all" -> AdoptionPolicy.ALL;
      default ->
          throw new IllegalArgumentException(
              "--adopt: found \"" + which + "\", allowed are on-request, all");
    };
  }

  private static NodeClassRef nodeClass(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "--node-class: found \"" + text + "\", allowed is GROUP/KIND/NAME");
    }
    return new NodeClassRef(parts[0], parts[1], parts[2]);
  }

  private static String lease(String text) {
    if (text.split("/", -1).length != 2) {
      throw new IllegalArgumentException(
          "--leader-elect: found \"" + text + "\", allowed is NAMESPACE/NAME");
    }
    return text;
  }

  private static int number(String name, String text, int least, int most) {
    if (!text.matches("\\d{1,6}")
        || Integer.parseInt(text) < least
        || Integer.parseInt(text) > most) {
      throw new IllegalArgumentException(
          name + ": found \"" + text + "\", allowed is a number from " + least + " to " + most);
    }
    return Integer.parseInt(text);
  }
}
