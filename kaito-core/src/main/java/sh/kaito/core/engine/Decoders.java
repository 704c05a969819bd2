package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * Reads what the server sent into the small records that the caches keep. Lenient: unknown fields
 * are passed over, absent ones have a default.
 */
final class Decoders {
  private Decoders() {}

  /** A child as the cache keeps it, with what finds it. */
  record CachedChild(WorkspaceKey key, Observation.ObservedChild child) {}

  /**
   * A ConfigMap that a Workspace may refer to.
   *
   * @param data the keys that Kaito reads, others left out
   */
  record CachedConfig(CachedChild object, Map<String, String> data) {}

  static Map<String, String> strings(JsonNode object) {
    Map<String, String> map = new TreeMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }

  static List<String> list(JsonNode array) {
    List<String> list = new ArrayList<>();
    array.forEach(item -> list.add(item.asText()));
    return list;
  }

  static CachedChild child(ResourceType type, JsonNode object) {
    return child(type, object, Optional.empty());
  }

  /**
   * A Service, Deployment, StatefulSet or Job.
   *
   * @param before the version before it, if there was one
   */
  static CachedChild child(ResourceType type, JsonNode object, Optional<CachedChild> before) {
    JsonNode metadata = object.path("metadata");
    JsonNode annotations = metadata.path("annotations");
    WorkspaceKey key =
        new WorkspaceKey(metadata.path("namespace").asText(), metadata.path("name").asText());
    String inputHash = annotations.path(KaitoAnnotations.INPUT_HASH).asText();
    Observation.Marks marks =
        new Observation.Marks(
            inputHash,
            annotations.path(KaitoAnnotations.RENDERED_HASH).asText(),
            inputHash.isEmpty()
                ? GoWorkload.pins(type, object)
                : annotations.path(KaitoAnnotations.PINNED).asText());
    return new CachedChild(
        key,
        new Observation.ObservedChild(
            new ChildKey(type, key.name()),
            metadata.path("uid").asText(),
            metadata.path("resourceVersion").asText(),
            controllerUid(metadata),
            metadata.hasNonNull("deletionTimestamp"),
            marks,
            rollout(type, object),
            type.equals(ResourceType.JOBS)
                ? Optional.of(job(object.path("status")))
                : Optional.empty(),
            said(object, marks, before)));
  }

  /** Of the many objects of a cluster only those that this library made can have drifted. */
  private static Observation.Said said(
      JsonNode object, Observation.Marks marks, Optional<CachedChild> before) {
    if (marks.isForeign()) {
      return Observation.Said.NOTHING;
    }
    JsonNode metadata = object.path("metadata");
    long generation = metadata.path("generation").asLong();
    return before
        .map(CachedChild::child)
        // Most events tell of a status; what is asked for moves with the generation.
        .filter(child -> generation > 0 && child.rollout().generation() == generation)
        .filter(child -> child.uid().equals(metadata.path("uid").asText()))
        .filter(child -> !child.spec().isEmpty())
        .map(Observation.ObservedChild::spec)
        .orElseGet(() -> new Observation.Said(ChildDecisions.said(object).toString()));
  }

  static CachedConfig config(JsonNode object) {
    Map<String, String> data = new TreeMap<>();
    for (String key : List.of(Configs.INFERENCE_KEY, Configs.TRAINING_KEY)) {
      JsonNode value = object.path("data").path(key);
      if (value.isTextual()) {
        data.put(key, value.asText());
      }
    }
    return new CachedConfig(child(ResourceType.CONFIGMAPS, object), data);
  }

  private static Observation.Rollout rollout(ResourceType type, JsonNode object) {
    JsonNode spec = object.path("spec");
    if (!spec.has("template") || type.equals(ResourceType.JOBS)) {
      return Observation.Rollout.IMMEDIATE;
    }
    JsonNode status = object.path("status");
    return new Observation.Rollout(
        object.path("metadata").path("generation").asLong(),
        status.path("observedGeneration").asLong(),
        spec.path("replicas").asInt(1),
        status.path("updatedReplicas").asInt(),
        status.path("readyReplicas").asInt());
  }

  private static Observation.JobProgress job(JsonNode status) {
    String end = "";
    String message = "";
    for (JsonNode condition : status.path("conditions")) {
      String type = condition.path("type").asText();
      if (condition.path("status").asText().equals("True")
          && (type.equals("Complete") || type.equals("Failed"))) {
        end = type;
        message = condition.path("message").asText();
      }
    }
    return new Observation.JobProgress(
        status.path("active").asInt(), status.path("ready").asInt(), end, message);
  }

  /** uid of the controlling owner; empty when there is none. */
  static String controllerUid(JsonNode metadata) {
    for (JsonNode owner : metadata.path("ownerReferences")) {
      if (owner.path("controller").asBoolean()) {
        return owner.path("uid").asText();
      }
    }
    return "";
  }

  static boolean conditionIs(JsonNode conditions, String type, String status) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText().equals(status);
      }
    }
    return false;
  }
}
