package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.patch.JsonPatch;
import sh.kaito.testkit.internal.patch.MergePatch;

/** Subresources that are no view of the whole object: scale, binding, eviction. */
final class Subresources {
  private final Resources resources;
  private final Deletions deletions;
  private final Reads reads;

  Subresources(Resources resources, Deletions deletions, Reads reads) {
    this.resources = resources;
    this.deletions = deletions;
    this.reads = reads;
  }

  private static String[] path(@Nullable String jsonPath, String otherwise) {
    String text = jsonPath == null || jsonPath.isEmpty() ? otherwise : jsonPath;
    return text.substring(1).split("\\.", -1);
  }

  private static @Nullable Map<String, Object> scaleSpec(ResourceType type) {
    CustomVersion custom = type.custom();
    return custom == null ? null : custom.scale();
  }

  private static String[] replicasPath(ResourceType type) {
    return path(Json.string(scaleSpec(type), "specReplicasPath"), ".spec.replicas");
  }

  /** The {@code autoscaling/v1} Scale of an object. */
  Map<String, Object> scale(Call call) {
    return scaleOf(call.type, reads.get(call).json());
  }

  private static Map<String, Object> scaleOf(ResourceType type, Map<String, Object> object) {
    Map<String, Object> metadata = Json.newObject();
    Map<String, Object> own = Objects.requireNonNull(Json.object(object, "metadata"));
    for (String field :
        List.of("name", "namespace", "uid", "creationTimestamp", "resourceVersion")) {
      if (own.get(field) != null) {
        metadata.put(field, own.get(field));
      }
    }
    Map<String, Object> spec = Json.newObject();
    long replicas = Json.integer(object, 0, replicasPath(type));
    if (replicas != 0) {
      spec.put("replicas", replicas);
    }
    Map<String, Object> status =
        Json.objectOf(
            "replicas",
            Json.integer(
                object,
                0,
                path(Json.string(scaleSpec(type), "statusReplicasPath"), ".status.replicas")));
    String selector = selector(type, object);
    if (!selector.isEmpty()) {
      status.put("selector", selector);
    }
    return Json.objectOf(
        "kind", "Scale",
        "apiVersion", "autoscaling/v1",
        "metadata", metadata,
        "spec", spec,
        "status", status);
  }

  private static String selector(ResourceType type, Map<String, Object> object) {
    if (type.isCustom()) {
      String path = Json.string(scaleSpec(type), "labelSelectorPath");
      return path == null ? "" : Json.text(object, path(path, path));
    }
    Map<String, Object> labels = Json.object(object, "spec", "selector", "matchLabels");
    if (labels == null) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    new TreeMap<>(labels)
        .forEach(
            (key, value) ->
                text.append(text.isEmpty() ? "" : ",").append(key).append('=').append(value));
    return text.toString();
  }

  /** Writes a Scale by PUT or PATCH; only the replicas count. */
  Map<String, Object> writeScale(Call call) {
    boolean patch = call.request.method().equals("PATCH");
    call.checkWriteOptions(patch ? "PatchOptions" : "UpdateOptions");
    boolean dryRun = call.dryRun(patch ? "PatchOptions" : "UpdateOptions");
    Resources.Written written =
        resources.update(
            call.type,
            call.namespace(),
            call.name(),
            false,
            new WriteOptions(call.manager(), "scale", dryRun, false),
            live -> {
              Map<String, Object> object = Objects.requireNonNull(live);
              Map<String, Object> scale = wanted(call, scaleOf(call.type, object));
              String version = Json.text(scale, "metadata", "resourceVersion");
              Map<String, Object> metadata =
                  Objects.requireNonNull(Json.object(object, "metadata"));
              if (!version.isEmpty()) {
                metadata.put("resourceVersion", version);
              }
              set(object, replicasPath(call.type), Json.integer(scale, 0, "spec", "replicas"));
              return object;
            });
    return scaleOf(call.type, written.object().json());
  }

  private static Map<String, Object> wanted(Call call, Map<String, Object> scale) {
    byte[] body = call.request.body();
    if (call.request.method().equals("PUT")) {
      return body(body);
    }
    return Bodies.mediaType(call).equals("application/json-patch+json")
        ? JsonPatch.apply(scale, body, true).object()
        : MergePatch.apply(scale, body, true).object();
  }

  private static Map<String, Object> body(byte[] bytes) {
    try {
      Map<String, Object> object = Json.asObject(Json.parse(bytes));
      if (object != null) {
        return object;
      }
    } catch (JsonParseException e) {
      throw ApiFailure.badRequest("couldn't get version/kind; json parse error: " + e.getMessage());
    }
    throw ApiFailure.badRequest("an object is needed");
  }

  private static void set(Map<String, Object> object, String[] path, Object value) {
    Map<String, Object> current = object;
    for (int i = 0; i < path.length - 1; i++) {
      Map<String, Object> next = Json.object(current, path[i]);
      if (next == null) {
        next = Json.newObject();
        current.put(path[i], next);
      }
      current = next;
    }
    current.put(path[path.length - 1], value);
  }

  /** Gives a pod its node, as a scheduler does. */
  void bind(Call call) {
    Map<String, Object> binding = body(call.request.body());
    String node = Json.text(binding, "target", "name");
    resources.bind(
        call.type, call.namespace(), call.name(), node, Json.text(binding, "metadata", "uid"));
  }

  /** Deletes a pod as {@code kubectl drain} asks for it. */
  StoredObject evict(Call call) {
    Map<String, Object> eviction = body(call.request.body());
    Object grace = Json.get(eviction, "deleteOptions", "gracePeriodSeconds");
    return deletions
        .delete(
            call.type,
            call.namespace(),
            call.name(),
            new DeleteOptions(
                Json.string(eviction, "deleteOptions", "preconditions", "uid"),
                null,
                DeleteOptions.Propagation.DEFAULT,
                grace instanceof Long seconds ? seconds : null,
                false))
        .object();
  }

  /** The Status that binding and eviction answer with. */
  static Map<String, Object> success() {
    return Json.objectOf(
        "kind", "Status",
        "apiVersion", "v1",
        "metadata", Json.newObject(),
        "status", "Success",
        "code", 201L);
  }
}
