package sh.kaito.core.provision;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;

/**
 * The few facts of a claim that decisions need.
 *
 * @param adoptedBy installation that took it over from the Go operator; empty where it was bought
 *     here
 * @param createdAt {@code metadata.creationTimestamp}
 * @param instanceType value of the requirement {@code node.kubernetes.io/instance-type}; empty
 *     where there is none
 * @param nodeName {@code status.nodeName}, empty until the node has registered
 */
record ClaimInfo(
    String name,
    String uid,
    String resourceVersion,
    NodeSetKey key,
    NodeSlot slot,
    String adoptedBy,
    Instant createdAt,
    String instanceType,
    boolean deleting,
    String nodeName,
    Stage launched,
    Stage registered,
    Stage initialized) {

  /**
   * One lifecycle condition of a claim. A condition that is not there is not true; {@code Unknown}
   * and {@code False} mean the same, because older fulfillers write the one and newer ones the
   * other.
   *
   * @param since {@code lastTransitionTime}
   */
  record Stage(boolean isTrue, String reason, String message, Optional<Instant> since) {
    /** What Karpenter writes before a condition was ever looked at. */
    private static final String AWAITING = "AwaitingReconciliation";

    static final Stage ABSENT = new Stage(false, AWAITING, "", Optional.empty());

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
        metadata.path("annotations").path(KaitoAnnotations.ADOPTED_BY).asText(),
        instant(metadata.path("creationTimestamp").asText()).orElse(Instant.EPOCH),
        instanceType(claim),
        metadata.hasNonNull("deletionTimestamp"),
        status.path("nodeName").asText(),
        stage(conditions, "Launched"),
        stage(conditions, "Registered"),
        stage(conditions, "Initialized"));
  }

  static String instanceType(JsonNode claim) {
    for (JsonNode requirement : claim.path("spec").path("requirements")) {
      if (requirement.path("key").asText().equals("node.kubernetes.io/instance-type")) {
        return requirement.path("values").path(0).asText();
      }
    }
    return "";
  }

  /** A condition of a NodeClaim, or that of a Machine, where its name begins with the kind. */
  private static Stage stage(JsonNode conditions, String type) {
    String ofMachine = "Machine" + type;
    for (JsonNode condition : conditions) {
      String found = condition.path("type").asText();
      if (found.equals(type) || found.equals(ofMachine)) {
        return new Stage(
            condition.path("status").asText().equals("True"),
            condition.path("reason").asText(),
            condition.path("message").asText(),
            instant(condition.path("lastTransitionTime").asText()));
      }
    }
    return Stage.ABSENT;
  }

  static Optional<Instant> instant(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Optional<Integer> number(String text) {
    try {
      return Optional.of(Integer.valueOf(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
