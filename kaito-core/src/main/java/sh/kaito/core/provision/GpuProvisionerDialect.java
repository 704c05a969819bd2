package sh.kaito.core.provision;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * Claims for Azure's gpu-provisioner, as the Go operator v0.12.0 writes them: labelled with the
 * workspace, which is how gpu-provisioner knows that a claim is its own, and with a {@code storage}
 * request, without which it refuses to make a pool.
 */
final class GpuProvisionerDialect implements ClaimDialect {

  @Override
  public String name() {
    return "gpu-provisioner";
  }

  @Override
  public ResourceType type() {
    return ResourceType.NODECLAIMS;
  }

  @Override
  public ObjectNode render(NodeSetSpec spec, NodeSlot slot, String name) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    labels.put(KaitoLabels.KARPENTER_NODE_POOL, KaitoLabels.KAITO_NODE_POOL);
    labels.put(KaitoLabels.WORKSPACE, spec.key().name());
    labels.put(KaitoLabels.WORKSPACE_NAMESPACE, spec.key().namespace());
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
            object(
                ClaimDialect.OWNER,
                spec.key().owner(),
                KaitoAnnotations.NODE_IMAGE_FAMILY,
                spec.imageFamily().orElse("ubuntu"),
                "karpenter.sh/do-not-disrupt",
                "true")),
        "spec",
        object(
            // The CRD's default is 720h: a stock Karpenter would end the node after 30 days.
            "expireAfter",
            "Never",
            "nodeClassRef",
            object("group", "kaito.sh", "kind", "KaitoNodeClass", "name", "default"),
            "requirements",
            array(
                Requirements.in(KaitoLabels.KARPENTER_NODE_POOL, KaitoLabels.KAITO_NODE_POOL),
                Requirements.in("node.kubernetes.io/instance-type", spec.instanceType()),
                Requirements.in("kubernetes.io/os", "linux"),
                Requirements.in("karpenter.azure.com/sku-name", spec.instanceType())),
            "resources",
            object("requests", object("storage", spec.storage())),
            "taints",
            array(Requirements.taint(ClaimDialect.gpuTaint()))));
  }

  @Override
  public Optional<String> foreignness(JsonNode claim) {
    String kind = claim.path("spec").path("nodeClassRef").path("kind").asText();
    return kind.equals("KaitoNodeClass")
        ? Optional.empty()
        : Optional.of("its nodeClassRef is of kind \"" + kind + "\", not KaitoNodeClass");
  }
}
