package sh.kaito.core.engine;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.NodeView.NodeInfo;

/** What the planner is told of nodes that the user brings, where none is bought. */
final class OwnNodes {
  private static final String HOSTNAME = "kubernetes.io/hostname";

  /** The labels that say what GPUs a node has; the rest would only make plans differ. */
  private static final List<String> OF_GPUS =
      List.of(
          "nvidia.com/gpu.product",
          "nvidia.com/gpu.count",
          "nvidia.com/gpu.memory",
          "nvidia.com/cuda.compute.major",
          "nvidia.com/cuda.compute.minor",
          "node.kubernetes.io/instance-type");

  private OwnNodes() {}

  /**
   * What is known of each node that a Workspace may use, whoever has it now: how many there are
   * bounds the plan, and whether they are free is the provisioner's to say. Where it has nodes
   * already only others like them count.
   */
  static List<Map<String, String>> labels(Workspace workspace, String uid, NodeView nodes) {
    Map<String, String> wanted = new LinkedHashMap<>();
    workspace
        .resource()
        .labelSelector()
        .map(V1LabelSelector::getMatchLabels)
        .ifPresent(wanted::putAll);
    wanted.keySet().removeAll(KaitoLabels.RESERVED_IN_SELECTORS);
    Set<Map<String, String>> held =
        nodes.byLabel(KaitoLabels.ASSIGNED_UID, uid).stream()
            .map(OwnNodes::kind)
            .collect(Collectors.toSet());
    Optional<Map.Entry<String, String>> first = wanted.entrySet().stream().findFirst();
    Collection<NodeInfo> candidates =
        first.map(one -> nodes.byLabel(one.getKey(), one.getValue())).orElseGet(nodes::all);
    return candidates.stream()
        .filter(node -> node.labels().entrySet().containsAll(wanted.entrySet()))
        .filter(node -> !node.labels().containsKey(KaitoLabels.OWNER_UID))
        .map(OwnNodes::kind)
        .filter(kind -> held.isEmpty() || held.contains(kind))
        .sorted(OwnNodes::inOrder)
        .toList();
  }

  private static Map<String, String> kind(NodeInfo node) {
    Map<String, String> kind = new TreeMap<>();
    for (String label : OF_GPUS) {
      String value = node.labels().get(label);
      if (value != null) {
        kind.put(label, value);
      }
    }
    if (!kind.keySet().containsAll(OF_GPUS.subList(0, 3))) {
      // A complaint names the node.
      kind.put(HOSTNAME, node.name());
    }
    return kind;
  }

  private static int inOrder(Map<String, String> one, Map<String, String> other) {
    return one.toString().compareTo(other.toString());
  }
}
