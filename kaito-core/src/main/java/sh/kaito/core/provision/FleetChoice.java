package sh.kaito.core.provision;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;
import sh.kaito.api.provision.ProvisionFailure.Scope;

/** Which nodes of a fleet a set may take. Pure. */
sealed interface FleetChoice {
  String INSTANCE_TYPE = "node.kubernetes.io/instance-type";

  /** Before Kubernetes 1.17. */
  String OLD_INSTANCE_TYPE = "beta.kubernetes.io/instance-type";

  String GPU_PRODUCT = "nvidia.com/gpu.product";

  /** Labels of nodes that some provisioner has bought, this library's or the Go operator's. */
  List<String> BOUGHT =
      List.of(
          KaitoLabels.OWNER_UID,
          KaitoLabels.WORKSPACE,
          KaitoLabels.RAG_ENGINE,
          KaitoLabels.KARPENTER_WORKSPACE_NAME,
          KaitoLabels.MACHINE_TYPE);

  /** These, in this order. */
  record Found(List<NodeInfo> nodes) implements FleetChoice {}

  /** None, and why. */
  record Refused(ProvisionFailure failure) implements FleetChoice {}

  /**
   * Chooses all or none: half a set holds GPUs and serves nobody.
   *
   * @param held nodes that the set has already; the others must be like them
   * @param missing how many are to be found
   * @param isTaken whether a node of this name is being assigned at this moment
   */
  static FleetChoice choose(
      NodeSetSpec spec,
      Collection<NodeInfo> fleet,
      Collection<NodeInfo> held,
      int missing,
      Predicate<String> isTaken) {
    List<NodeInfo> matching = fleet.stream().filter(node -> matches(spec, node)).toList();
    List<NodeInfo> free =
        inOrder(spec, matching.stream().filter(node -> isFree(spec, node, isTaken)).toList());
    if (free.size() < missing) {
      return new Refused(tooFew(spec, matching.size(), free.size(), held.size() + missing));
    }
    Set<String> preferred = Set.copyOf(spec.preferredNodes());
    long asked = free.stream().filter(node -> preferred.contains(node.name())).count();
    // Whoever names enough nodes has chosen; otherwise every node that could be taken must do.
    List<NodeInfo> eligible = asked >= missing ? free.subList(0, missing) : free;
    List<NodeInfo> together = new ArrayList<>(held);
    together.addAll(eligible);
    Map<String, String> kinds = new TreeMap<>();
    together.forEach(node -> kinds.putIfAbsent(kind(spec, node), node.name()));
    return kinds.size() > 1
        ? new Refused(mixed(kinds))
        : new Found(List.copyOf(eligible.subList(0, missing)));
  }

  private static List<NodeInfo> inOrder(NodeSetSpec spec, List<NodeInfo> nodes) {
    List<NodeInfo> ordered = new ArrayList<>(nodes);
    ordered.sort(
        java.util.Comparator.comparingInt(
                (NodeInfo node) -> {
                  int at = spec.preferredNodes().indexOf(node.name());
                  return at < 0 ? Integer.MAX_VALUE : at;
                })
            .thenComparing(NodeInfo::name));
    return ordered;
  }

  private static boolean matches(NodeSetSpec spec, NodeInfo node) {
    String type = instanceType(node);
    boolean rightType =
        spec.instanceType().isEmpty() || type.isEmpty() || type.equals(spec.instanceType());
    boolean bought =
        BOUGHT.stream().anyMatch(node.labels()::containsKey)
            || KaitoLabels.KAITO_NODE_POOL.equals(
                node.labels().get(KaitoLabels.KARPENTER_NODE_POOL));
    return rightType && !bought && node.labels().entrySet().containsAll(spec.labels().entrySet());
  }

  private static boolean isFree(NodeSetSpec spec, NodeInfo node, Predicate<String> isTaken) {
    return node.isReady()
        && !node.isDeleting()
        && !node.isUnschedulable()
        && !node.labels().containsKey(KaitoLabels.ASSIGNED_UID)
        && !isTaken.test(node.name())
        && gpus(spec, node) >= Math.max(1, spec.gpusPerNode());
  }

  private static long gpus(NodeSetSpec spec, NodeInfo node) {
    return node.allocatable().getOrDefault(spec.gpuResource(), 0L);
  }

  private static String instanceType(NodeInfo node) {
    String type = node.labels().get(INSTANCE_TYPE);
    String old = node.labels().get(OLD_INSTANCE_TYPE);
    return type != null ? type : old != null ? old : "";
  }

  private static String kind(NodeSetSpec spec, NodeInfo node) {
    return List.of(
            instanceType(node),
            String.valueOf(node.labels().getOrDefault(GPU_PRODUCT, "")),
            gpus(spec, node) + " x " + spec.gpuResource())
        .stream()
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static ProvisionFailure tooFew(NodeSetSpec spec, int matching, int free, int wanted) {
    return ProvisionFailure.builder()
        .kind(Kind.CAPACITY)
        .scope(Scope.SET)
        .code("TooFewNodes")
        .message(
            (wanted == 1 ? "1 node is wanted; " : wanted + " nodes are wanted; ")
                + matching
                + " match "
                + spec.labels()
                + (spec.instanceType().isEmpty() ? "" : " and " + spec.instanceType())
                + ", and "
                + free
                + " of them are free: Ready, not cordoned, with "
                + Math.max(1, spec.gpusPerNode())
                + " "
                + spec.gpuResource()
                + " allocatable, and not assigned to another workspace. Label more nodes, or free"
                + " some")
        .build();
  }

  private static ProvisionFailure mixed(Map<String, String> kinds) {
    return ProvisionFailure.builder()
        .kind(Kind.INVALID)
        .code("MixedNodes")
        .message(
            "the nodes that match are of different kinds, and a model cannot be spread over them: "
                + kinds.entrySet().stream()
                    .map(kind -> kind.getValue() + " (" + kind.getKey() + ")")
                    .collect(Collectors.joining(", "))
                + ". Narrow resource.labelSelector, or name resource.instanceType or"
                + " resource.preferredNodes")
        .build();
  }
}
