package sh.kaito.core.provision;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;

/**
 * The few facts of a claim that decisions need.
 *
 * @param nodeName {@code status.nodeName}, empty until the node has registered
 */
record ClaimInfo(
    String name,
    String uid,
    String resourceVersion,
    NodeSetKey key,
    NodeSlot slot,
    boolean deleting,
    String nodeName,
    Stage launched,
    Stage registered,
    Stage initialized) {

  /** One lifecycle condition of a claim. A condition that is not there is not true. */
  record Stage(boolean isTrue, String reason, String message) {
    /** What Karpenter writes before a condition was ever looked at. */
    private static final String AWAITING = "AwaitingReconciliation";

    static final Stage ABSENT = new Stage(false, AWAITING, "");

    /** Whether it says more than "not yet looked at". */
    boolean isTelling() {
      return !isTrue && !reason.isEmpty() && !reason.equals(AWAITING);
    }
  }

  /** Reads a claim; null when it does not carry our labels, then it is not ours to judge. */
  static @Nullable ClaimInfo decode(JsonNode claim) {
    JsonNode metadata = claim.path("metadata");
    JsonNode labels = metadata.path("labels");
    String ownerUid = labels.path(KaitoLabels.OWNER_UID).asText();
    String owner = metadata.path("annotations").path(ClaimDialect.OWNER).asText();
    int slash = owner.indexOf('/');
    Optional<Integer> slot = number(labels.path(KaitoLabels.SLOT).asText());
    Optional<Integer> epoch = number(labels.path(KaitoLabels.EPOCH).asText());
    if (ownerUid.isEmpty() || slash <= 0 || slot.isEmpty() || epoch.isEmpty()) {
      return null;
    }
    JsonNode status = claim.path("status");
    JsonNode conditions = status.path("conditions");
    return new ClaimInfo(
        metadata.path("name").asText(),
        metadata.path("uid").asText(),
        metadata.path("resourceVersion").asText(),
        new NodeSetKey(
            owner.substring(0, slash),
            owner.substring(slash + 1),
            ownerUid,
            labels.path(KaitoLabels.NODE_SET).asText()),
        new NodeSlot(slot.get(), epoch.get()),
        metadata.hasNonNull("deletionTimestamp"),
        status.path("nodeName").asText(),
        stage(conditions, "Launched"),
        stage(conditions, "Registered"),
        stage(conditions, "Initialized"));
  }

  private static Stage stage(JsonNode conditions, String type) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals(type)) {
        return new Stage(
            condition.path("status").asText().equals("True"),
            condition.path("reason").asText(),
            condition.path("message").asText());
      }
    }
    return Stage.ABSENT;
  }

  private static Optional<Integer> number(String text) {
    try {
      return Optional.of(Integer.valueOf(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
