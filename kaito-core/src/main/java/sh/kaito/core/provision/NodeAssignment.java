package sh.kaito.core.provision;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.NodeView.NodeInfo;

/**
 * What stands on a Node that is assigned to a Workspace: the label {@code
 * java.kaito.sh/assigned-uid} and beside it the annotation {@code java.kaito.sh/assigned}, {@code
 * {"v":1,"installation":"default","owner":"ns/name","set":"workers","slot":0,"epoch":1,
 * "since":"2026-11-22T12:00:00Z"}}.
 */
record NodeAssignment(String installation, NodeSetKey key, NodeSlot slot, Instant since) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Optional<NodeAssignment> of(NodeInfo node) {
    return of(node.labels(), node.annotations());
  }

  static Optional<NodeAssignment> of(Map<String, String> labels, Map<String, String> annotations) {
    String uid = labels.get(KaitoLabels.ASSIGNED_UID);
    String text = annotations.get(KaitoAnnotations.ASSIGNED);
    return uid == null || text == null ? Optional.empty() : read(uid, text);
  }

  /** From the metadata of a live Node. */
  static Optional<NodeAssignment> of(JsonNode node) {
    String uid = uid(node);
    String text =
        node.path("metadata").path("annotations").path(KaitoAnnotations.ASSIGNED).asText();
    return uid.isEmpty() ? Optional.empty() : read(uid, text);
  }

  /** Whom a live Node is assigned to, readable or not; empty when nobody. */
  static String uid(JsonNode node) {
    return node.path("metadata").path("labels").path(KaitoLabels.ASSIGNED_UID).asText();
  }

  private static Optional<NodeAssignment> read(String uid, String text) {
    try {
      JsonNode tree = JSON.readTree(text);
      String owner = tree.path("owner").asText();
      int slash = owner.indexOf('/');
      if (tree.path("v").asInt() != 1 || slash <= 0) {
        return Optional.empty();
      }
      return Optional.of(
          new NodeAssignment(
              tree.path("installation").asText(),
              new NodeSetKey(
                  owner.substring(0, slash),
                  owner.substring(slash + 1),
                  uid,
                  tree.path("set").asText()),
              new NodeSlot(tree.path("slot").asInt(), tree.path("epoch").asInt()),
              Instant.parse(tree.path("since").asText())));
    } catch (JsonProcessingException | DateTimeException e) {
      // Somebody has edited it: the label alone still says whose the Node is.
      return Optional.empty();
    }
  }

  /** The merge patch that assigns, on condition that the Node is the one that was read. */
  ObjectNode patch(JsonNode live) {
    String text =
        object(
                "v",
                1,
                "installation",
                installation,
                "owner",
                key.owner(),
                "set",
                key.set(),
                "slot",
                slot.index(),
                "epoch",
                slot.epoch(),
                "since",
                since.toString())
            .toString();
    return patch(live, key.ownerUid(), text);
  }

  /** The merge patch that takes back exactly what {@link #patch} wrote. */
  static ObjectNode removal(JsonNode live) {
    return patch(live, null, null);
  }

  private static ObjectNode patch(JsonNode live, @Nullable String uid, @Nullable String text) {
    JsonNode metadata = live.path("metadata");
    ObjectNode labels = object();
    ObjectNode annotations = object();
    if (uid == null || text == null) {
      labels.set(KaitoLabels.ASSIGNED_UID, NullNode.getInstance());
      annotations.set(KaitoAnnotations.ASSIGNED, NullNode.getInstance());
    } else {
      labels.put(KaitoLabels.ASSIGNED_UID, uid);
      annotations.put(KaitoAnnotations.ASSIGNED, text);
    }
    return object(
        "metadata",
        object(
            "uid",
            metadata.path("uid").asText(),
            "resourceVersion",
            metadata.path("resourceVersion").asText(),
            "labels",
            labels,
            "annotations",
            annotations));
  }
}
