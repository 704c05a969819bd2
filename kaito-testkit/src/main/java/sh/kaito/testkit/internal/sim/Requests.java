package sh.kaito.testkit.internal.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;

/** The few writes that simulators need, each bound to the object that was seen. */
public final class Requests {
  private Requests() {}

  public static Step create(Kind kind, JsonNode object) {
    return Step.send(
        kind,
        KubeRequest.post(kind.collection(Objects.namespace(object)), Objects.bytes(object))
            .build());
  }

  /** Merges into the status; refused when the name belongs to another object by now. */
  public static Step patchStatus(Kind kind, JsonNode object, ObjectNode status) {
    ObjectNode patch = Objects.object();
    patch.putObject("metadata").put("uid", Objects.uid(object));
    patch.set("status", status);
    return Step.send(
        kind,
        KubeRequest.patch(kind.path(object) + "/status", PatchType.MERGE, Objects.bytes(patch))
            .build());
  }

  /**
   * Merges into the metadata.
   *
   * @param exact whether the object must not have changed since it was seen: needed where the patch
   *     holds a list
   */
  public static Step patchMetadata(Kind kind, JsonNode object, ObjectNode metadata, boolean exact) {
    metadata.put("uid", Objects.uid(object));
    if (exact) {
      metadata.put("resourceVersion", Objects.resourceVersion(object));
    }
    return patch(kind, object, "metadata", metadata);
  }

  /** Merges into the spec; refused when the name belongs to another object by now. */
  public static Step patchSpec(Kind kind, JsonNode object, ObjectNode spec) {
    ObjectNode patch = Objects.object();
    patch.putObject("metadata").put("uid", Objects.uid(object));
    patch.set("spec", spec);
    return Step.send(
        kind, KubeRequest.patch(kind.path(object), PatchType.MERGE, Objects.bytes(patch)).build());
  }

  /** Merges into the spec of exactly this object, in the version that was seen. */
  public static Step patchExactly(Kind kind, JsonNode object, ObjectNode spec) {
    ObjectNode patch = Objects.object();
    patch
        .putObject("metadata")
        .put("uid", Objects.uid(object))
        .put("resourceVersion", Objects.resourceVersion(object));
    patch.set("spec", spec);
    return Step.send(
        kind, KubeRequest.patch(kind.path(object), PatchType.MERGE, Objects.bytes(patch)).build());
  }

  private static Step patch(Kind kind, JsonNode object, String field, ObjectNode value) {
    ObjectNode patch = Objects.object();
    patch.set(field, value);
    return Step.send(
        kind, KubeRequest.patch(kind.path(object), PatchType.MERGE, Objects.bytes(patch)).build());
  }

  /** Takes one finalizer off; the test makes the patch fail when it stands elsewhere by now. */
  public static Step removeFinalizer(Kind kind, JsonNode object, String finalizer) {
    String path = "/metadata/finalizers/" + Objects.finalizerIndex(object, finalizer);
    ArrayNode patch = Objects.array();
    patch
        .addObject()
        .put("op", "test")
        .put("path", "/metadata/uid")
        .put("value", Objects.uid(object));
    patch.addObject().put("op", "test").put("path", path).put("value", finalizer);
    patch.addObject().put("op", "remove").put("path", path);
    return Step.send(
        kind, KubeRequest.patch(kind.path(object), PatchType.JSON, Objects.bytes(patch)).build());
  }

  /** Deletes exactly this object. */
  public static Step delete(Kind kind, JsonNode object) {
    return delete(kind, object, -1);
  }

  /** Deletes exactly this object, after everything that it owns. */
  public static Step deleteForeground(Kind kind, JsonNode object) {
    return delete(kind, object, deletion(object).put("propagationPolicy", "Foreground"));
  }

  /**
   * Deletes exactly this object.
   *
   * @param graceSeconds 0: at once; negative: as the object says
   */
  public static Step delete(Kind kind, JsonNode object, long graceSeconds) {
    ObjectNode options = deletion(object);
    if (graceSeconds >= 0) {
      options.put("gracePeriodSeconds", graceSeconds);
    }
    return delete(kind, object, options);
  }

  private static ObjectNode deletion(JsonNode object) {
    ObjectNode options = Objects.object().put("apiVersion", "v1").put("kind", "DeleteOptions");
    options.putObject("preconditions").put("uid", Objects.uid(object));
    return options;
  }

  private static Step delete(Kind kind, JsonNode object, ObjectNode options) {
    return Step.send(
        kind,
        KubeRequest.delete(kind.path(object))
            .body("application/json", Objects.bytes(options))
            .build());
  }
}
