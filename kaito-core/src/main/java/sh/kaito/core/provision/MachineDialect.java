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
 * Claims of the time before NodeClaims, as the Go operator v0.3.1 writes them: fulfilled by a
 * gpu-provisioner before 0.3. A Machine's specification may be changed by its API; it never is
 * here.
 */
final class MachineDialect implements ClaimDialect {
  /** Name of the Karpenter provisioner that v0.3.1 names; no such object exists. */
  private static final String PROVISIONER = "default";

  @Override
  public String name() {
    return "machine";
  }

  @Override
  public ResourceType type() {
    return ResourceType.MACHINES;
  }

  @Override
  public ObjectNode render(NodeSetSpec spec, NodeSlot slot, String name) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    labels.put(KaitoLabels.KARPENTER_PROVISIONER_NAME, PROVISIONER);
    labels.put(KaitoLabels.WORKSPACE, spec.key().name());
    labels.put(KaitoLabels.WORKSPACE_NAMESPACE, spec.key().namespace());
    labels.putAll(ClaimDialect.ownership(spec.key(), slot));
    return object(
        "apiVersion",
        "karpenter.sh/v1alpha5",
        "kind",
        "Machine",
        "metadata",
        object(
            "name",
            name,
            "labels",
            labels,
            "annotations",
            object(ClaimDialect.OWNER, spec.key().owner())),
        "spec",
        object(
            // No such template exists; the field is required by nobody and written by v0.3.1.
            "machineTemplateRef",
            object("name", name),
            "requirements",
            array(
                Requirements.in("node.kubernetes.io/instance-type", spec.instanceType()),
                Requirements.in(KaitoLabels.KARPENTER_PROVISIONER_NAME, PROVISIONER),
                Requirements.in(KaitoLabels.MACHINE_TYPE, KaitoLabels.MACHINE_TYPE_GPU),
                Requirements.in("kubernetes.io/arch", "amd64"),
                Requirements.in("kubernetes.io/os", "linux")),
            "resources",
            object("requests", object("storage", spec.storage())),
            "taints",
            array(Requirements.taint(ClaimDialect.gpuTaint()))));
  }

  /** Every Machine: it names nobody who fulfils it. */
  @Override
  public Optional<String> foreignness(JsonNode claim) {
    return Optional.empty();
  }
}
