package sh.kaito.core.provision;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * Claims for a stock Karpenter. No {@code kaito.sh/workspace} label, or gpu-provisioner would take
 * them for its own; no {@code storage} request, because a stock Karpenter waits until every
 * requested resource is allocatable and none of that name ever is.
 */
final class KarpenterDialect implements ClaimDialect {
  private final NodeClassRef nodeClass;

  KarpenterDialect(NodeClassRef nodeClass) {
    this.nodeClass = nodeClass;
  }

  @Override
  public String name() {
    return "karpenter";
  }

  @Override
  public ResourceType type() {
    return ResourceType.NODECLAIMS;
  }

  @Override
  public ObjectNode render(NodeSetSpec spec, NodeSlot slot, String name) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    labels.putAll(ClaimDialect.ownership(spec.key(), slot));
    return object(
        "apiVersion",
        "karpenter.sh/v1",
        "kind",
        "NodeClaim",
        "metadata",
        object(
            "name",
            name,
            "labels",
            labels,
            "annotations",
            object(ClaimDialect.OWNER, spec.key().owner(), "karpenter.sh/do-not-disrupt", "true")),
        "spec",
        object(
            // The CRD's default is 720h: Karpenter would end the node after 30 days.
            "expireAfter",
            "Never",
            "nodeClassRef",
            object("group", nodeClass.group(), "kind", nodeClass.kind(), "name", nodeClass.name()),
            "requirements",
            array(
                Requirements.in("node.kubernetes.io/instance-type", spec.instanceType()),
                Requirements.in("kubernetes.io/os", "linux")),
            "taints",
            array(Requirements.taint(ClaimDialect.gpuTaint()))));
  }

  @Override
  public Optional<String> foreignness(JsonNode claim) {
    JsonNode found = claim.path("spec").path("nodeClassRef");
    NodeClassRef theirs =
        new NodeClassRef(
            found.path("group").asText(), found.path("kind").asText(), found.path("name").asText());
    return theirs.equals(nodeClass)
        ? Optional.empty()
        : Optional.of("its nodeClassRef is " + theirs + ", not " + nodeClass);
  }

  @Override
  public Optional<String> handBackProblem() {
    return Optional.of(
        "the Go operator counts NodeClaims by the label "
            + KaitoLabels.WORKSPACE
            + ", by which gpu-provisioner would take those of a stock Karpenter for its own");
  }
}
