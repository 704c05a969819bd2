package sh.kaito.core.provision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.internal.kube.ResourceType;

/** How one fulfiller of claims wants them written. Pure. */
interface ClaimDialect {

  /** Annotation with {@code namespace/name} of the owner, which a label could not hold. */
  String OWNER = "java.kaito.sh/owner";

  /** Name of the provisioner that speaks it. */
  String name();

  /** Where the claims live. */
  ResourceType type();

  /** The claim of one slot. */
  ObjectNode render(NodeSetSpec spec, NodeSlot slot, String name);

  /**
   * Why a claim that the Go operator has made is not one that this dialect goes on with.
   *
   * @return what is wrong with it, for a person; empty when nothing is
   */
  Optional<String> foreignness(JsonNode claim);

  /** Why the Go operator could not go on with the claims of this dialect; empty when it can. */
  default Optional<String> handBackProblem() {
    return Optional.empty();
  }

  /** Labels with the value by which a claim and its Node are known to be the owner's. */
  static Map<String, String> ownership(NodeSetKey key, NodeSlot slot) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(KaitoLabels.OWNER_UID, key.ownerUid());
    labels.put(KaitoLabels.NODE_SET, key.set());
    labels.put(KaitoLabels.SLOT, Integer.toString(slot.index()));
    labels.put(KaitoLabels.EPOCH, Integer.toString(slot.epoch()));
    return labels;
  }

  /** The taint that keeps other pods off GPU nodes; the same for all dialects of Kaito. */
  static NodeConstraints.Taint gpuTaint() {
    return new NodeConstraints.Taint("sku", "gpu", "NoSchedule");
  }
}
