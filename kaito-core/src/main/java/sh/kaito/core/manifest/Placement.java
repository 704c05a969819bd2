package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.provision.NodeConstraints;

/** What brings pods to their nodes and to no others. */
final class Placement {
  private Placement() {}

  /** One required term that demands every label; none without labels. */
  static Optional<JsonNode> nodeAffinity(Map<String, String> labels) {
    if (labels.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        object(
            "nodeAffinity",
            object(
                "requiredDuringSchedulingIgnoredDuringExecution",
                object(
                    "nodeSelectorTerms", array(object("matchExpressions", expressions(labels)))))));
  }

  static ArrayNode expressions(Map<String, String> labels) {
    ArrayNode expressions = array();
    new TreeMap<>(labels)
        .forEach(
            (key, value) ->
                expressions.add(object("key", key, "operator", "In", "values", array(value))));
    return expressions;
  }

  /** The GPU taint is put on by the cloud or the device plugin, the others by the provisioner. */
  static ArrayNode tolerations(String gpuResource, List<NodeConstraints.Taint> taints) {
    ArrayNode tolerations =
        array(object("key", gpuResource, "operator", "Exists", "effect", "NoSchedule"));
    for (NodeConstraints.Taint taint : taints) {
      ObjectNode toleration =
          object(
              "key",
              taint.key(),
              "operator",
              "Equal",
              "value",
              taint.value(),
              "effect",
              taint.effect());
      tolerations.add(toleration);
    }
    return tolerations;
  }
}
