package sh.kaito.core.install;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The least that a controller must be allowed to do, as Kubernetes objects in YAML: Roles and
 * ClusterRoles with their bindings, for the provisioner and the namespaces that it has. The tests
 * of the library run the engine under exactly these.
 *
 * <pre>{@code
 * String yaml =
 *     KaitoRbac.roles()
 *         .serviceAccount("kaito-system", "kaito")
 *         .nodeClaims()
 *         .leaderElection("kaito-system", "kaito")
 *         .yaml(); // kubectl apply -f -
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class KaitoRbac {
  private static final String RBAC = "rbac.authorization.k8s.io";

  private String name = "kaito-controller";
  private String accountNamespace = "kaito-system";
  private String account = "kaito";
  private List<String> namespaces = List.of();
  private final List<Rule> clusterRules = new ArrayList<>();
  private final List<Rule> leaseRules = new ArrayList<>();
  private String leaseNamespace = "";
  private boolean handover;
  private boolean withNamespaces;

  private KaitoRbac() {}

  private record Rule(String group, String resources, String names, String verbs, String why) {}

  /** Starts with what every controller needs, for all namespaces. */
  public static KaitoRbac roles() {
    return new KaitoRbac();
  }

  /** Name of the roles and bindings; default {@code kaito-controller}. */
  public KaitoRbac name(String name) {
    this.name = name;
    return this;
  }

  /** Who gets the permissions; default ServiceAccount {@code kaito} in {@code kaito-system}. */
  public KaitoRbac serviceAccount(String namespace, String name) {
    this.accountNamespace = namespace;
    this.account = name;
    return this;
  }

  /**
   * Permissions on Workspaces and what belongs to them in these namespaces alone; goes with {@link
   * sh.kaito.core.engine.KaitoController.Builder#namespaces}. Nodes and claims are cluster-scoped
   * either way.
   */
  public KaitoRbac namespaces(Collection<String> namespaces) {
    this.namespaces = List.copyOf(new TreeSet<>(namespaces));
    return this;
  }

  /** For {@code ClaimProvisioner.gpuProvisioner()} and {@code ClaimProvisioner.karpenter(...)}. */
  public KaitoRbac nodeClaims() {
    clusterRules.add(
        new Rule(
            "karpenter.sh",
            "nodeclaims",
            "",
            "get, list, watch, create, delete",
            "buys a node, and lets it go"));
    return this;
  }

  /** For the Machines of Karpenter before NodeClaims. */
  public KaitoRbac machines() {
    clusterRules.add(
        new Rule(
            "karpenter.sh",
            "machines",
            "",
            "get, list, watch, create, delete",
            "buys a node, and lets it go"));
    return this;
  }

  /** For Nodes that exist already: it marks those that it uses. */
  public KaitoRbac ownNodes() {
    clusterRules.add(
        new Rule("", "nodes", "", "get, patch", "marks the Nodes that a Workspace uses"));
    return this;
  }

  /**
   * For taking Workspaces over from the Go operator and handing them over to it: the label {@code
   * java.kaito.sh/operator}, and {@link
   * sh.kaito.core.engine.KaitoController.Builder#adoptionPolicy}.
   */
  public KaitoRbac handover() {
    handover = true;
    clusterRules.add(
        new Rule(
            "karpenter.sh",
            "nodeclaims, machines",
            "",
            "list, patch",
            "finds the nodes of a Workspace that changes hands, and marks them"));
    clusterRules.add(
        new Rule("karpenter.sh", "nodepools", "", "list", "finds nodes that cannot be taken over"));
    clusterRules.add(
        new Rule(
            "", "nodes", "", "get, patch", "marks the Nodes of a Workspace that changes hands"));
    return this;
  }

  /** For {@link sh.kaito.core.engine.KaitoController.Builder#leaderElection(String, String)}. */
  public KaitoRbac leaderElection(String namespace, String name) {
    leaseNamespace = namespace;
    // RBAC cannot name an object that does not exist yet.
    leaseRules.add(
        new Rule("coordination.k8s.io", "leases", "", "create", "the first of all replicas"));
    leaseRules.add(
        new Rule("coordination.k8s.io", "leases", name, "get, update", "takes and renews"));
    return this;
  }

  /** For {@link CrdInstaller}. */
  public KaitoRbac crdInstallation() {
    clusterRules.add(
        new Rule(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "",
            "create, list, watch",
            "installs definitions"));
    clusterRules.add(
        new Rule(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "workspaces.kaito.sh",
            "get, patch",
            "installs definitions"));
    return this;
  }

  /** For {@link KaitoPrerequisites}. */
  public KaitoRbac prerequisites() {
    clusterRules.add(new Rule("apps", "daemonsets", "", "list", "looks for a device plugin"));
    clusterRules.add(
        new Rule(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "",
            "list",
            "looks for definitions"));
    clusterRules.add(new Rule("", "namespaces", "", "get", "reads the level of Pod Security"));
    clusterRules.add(
        new Rule("", "resourcequotas, limitranges", "", "list", "reads what pods may ask for"));
    return this;
  }

  private List<Rule> workspaceRules() {
    List<Rule> rules = new ArrayList<>(ownRules());
    if (handover) {
      rules.add(
          new Rule(
              "apps",
              "controllerrevisions",
              "",
              "list",
              "writes the revision that the Go operator will look for"));
    }
    return rules;
  }

  private static List<Rule> ownRules() {
    return List.of(
        new Rule(
            "kaito.sh",
            "workspaces",
            "",
            "get, list, watch, patch",
            "finalizer, and the annotation that a purchase rests on"),
        new Rule("kaito.sh", "workspaces/status", "", "patch", "says how it stands"),
        new Rule(
            "kaito.sh",
            "workspaces/finalizers",
            "",
            "update",
            "needed where the API server checks owner references that block a deletion"),
        new Rule("", "pods", "", "list, watch", "sees whether the model is ready, and why not"),
        new Rule(
            "",
            "services, configmaps",
            "",
            "get, list, watch, create, patch, delete",
            "what a Workspace owns"),
        new Rule(
            "apps",
            "deployments, statefulsets",
            "",
            "get, list, watch, create, patch, delete",
            "what a Workspace owns"),
        new Rule(
            "batch",
            "jobs",
            "",
            "get, list, watch, create, patch, delete",
            "what a Workspace owns"),
        new Rule(
            "",
            "resourcequotas, limitranges",
            "",
            "list",
            "sees before a purchase whether pods are let in"),
        new Rule("", "secrets", "", "get", "that a Secret exists is checked before a purchase"),
        new Rule("", "events", "", "create", "tells what happened"));
  }

  private List<Rule> clusterWide() {
    return List.of(
        new Rule(
            "",
            "namespaces",
            String.join(", ", namespaces),
            "list",
            "sees before a purchase which pods Pod Security lets in"),
        new Rule("apps", "daemonsets", "", "list", "sees before a purchase whether GPUs will show"),
        new Rule("", "nodes", "", "list, watch", "sees whether nodes and GPUs are ready"),
        new Rule(
            "admissionregistration.k8s.io",
            "validatingwebhookconfigurations",
            "validation.workspace.kaito.sh",
            "get",
            "sees whether the Go operator is there"),
        new Rule("", "endpoints", "", "get", "sees whether the Go operator runs"));
  }

  /**
   * Puts the ServiceAccount before the roles, and the namespaces that it and the lease need: so the
   * text can be applied to a cluster that has none of them.
   */
  public KaitoRbac withNamespaces() {
    this.withNamespaces = true;
    return this;
  }

  private void namespaces(StringBuilder yaml) {
    TreeSet<String> all = new TreeSet<>(namespaces);
    all.add(accountNamespace);
    if (!leaseNamespace.isEmpty()) {
      all.add(leaseNamespace);
    }
    for (String each : all) {
      yaml.append("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ").append(each);
      yaml.append("\n");
    }
    yaml.append("---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ");
    yaml.append(account).append("\n  namespace: ").append(accountNamespace).append("\n");
  }

  /** The objects as YAML documents, for {@code kubectl apply -f -}. */
  public String yaml() {
    StringBuilder yaml = new StringBuilder();
    if (withNamespaces) {
      namespaces(yaml);
    }
    List<Rule> everywhere = new ArrayList<>(clusterWide());
    everywhere.addAll(clusterRules);
    if (namespaces.isEmpty()) {
      everywhere.addAll(0, workspaceRules());
    }
    role(yaml, "", name, everywhere);
    for (String namespace : namespaces) {
      role(yaml, namespace, name, workspaceRules());
    }
    if (!leaseRules.isEmpty()) {
      role(yaml, leaseNamespace, name + "-lease", leaseRules);
    }
    return yaml.toString();
  }

  private void role(StringBuilder yaml, String namespace, String role, List<Rule> rules) {
    String kind = namespace.isEmpty() ? "ClusterRole" : "Role";
    yaml.append(header(kind, namespace, role)).append("rules:\n");
    for (Rule rule : rules) {
      yaml.append("  # ").append(rule.why()).append("\n");
      yaml.append("  - apiGroups: [\"").append(rule.group()).append("\"]\n");
      yaml.append("    resources: [").append(quoted(rule.resources())).append("]\n");
      if (!rule.names().isEmpty()) {
        yaml.append("    resourceNames: [").append(quoted(rule.names())).append("]\n");
      }
      yaml.append("    verbs: [").append(quoted(rule.verbs())).append("]\n");
    }
    yaml.append(header(kind + "Binding", namespace, role));
    yaml.append("roleRef:\n  apiGroup: ").append(RBAC).append("\n");
    yaml.append("  kind: ").append(kind).append("\n  name: ").append(role).append("\n");
    yaml.append("subjects:\n  - kind: ServiceAccount\n    name: ").append(account);
    yaml.append("\n    namespace: ").append(accountNamespace).append("\n");
  }

  private static String header(String kind, String namespace, String name) {
    return "---\napiVersion: "
        + RBAC
        + "/v1\nkind: "
        + kind
        + "\nmetadata:\n  name: "
        + name
        + "\n"
        + Optional.of(namespace)
            .filter(text -> !text.isEmpty())
            .map(text -> "  namespace: " + text + "\n")
            .orElse("");
  }

  private static String quoted(String list) {
    return List.of(list.split(", ")).stream()
        .map(word -> "\"" + word + "\"")
        .collect(Collectors.joining(", "));
  }
}
