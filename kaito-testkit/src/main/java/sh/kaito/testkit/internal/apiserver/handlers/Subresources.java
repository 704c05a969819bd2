package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/** Subresources that are no view of the whole object and no Scale: binding and eviction. */
final class Subresources {
  private static final BodyType BINDING = BodyType.builtIn("", "v1", "Binding");
  private static final BodyType EVICTION = BodyType.builtIn("policy", "v1", "Eviction");

  private final Resources resources;
  private final Deletions deletions;
  private final Bodies bodies;

  Subresources(Resources resources, Deletions deletions, Bodies bodies) {
    this.resources = resources;
    this.deletions = deletions;
    this.bodies = bodies;
  }

  /** Gives a pod its node, as a scheduler does. */
  void bind(Call call) {
    Map<String, Object> binding = bodies.object(call, BINDING);
    String node = Json.text(binding, "target", "name");
    resources.bind(
        call.type, call.namespace(), call.name(), node, Json.text(binding, "metadata", "uid"));
  }

  /** Gives the pod that the body names its node. */
  void bindNamed(Call call, ResourceType pods) {
    Map<String, Object> binding = bodies.object(call, BINDING);
    resources.bind(
        pods,
        call.namespace(),
        Json.text(binding, "metadata", "name"),
        Json.text(binding, "target", "name"),
        Json.text(binding, "metadata", "uid"));
  }

  /** Deletes a pod as {@code kubectl drain} asks for it. */
  StoredObject evict(Call call) {
    Map<String, Object> eviction = bodies.object(call, EVICTION);
    Object grace = Json.get(eviction, "deleteOptions", "gracePeriodSeconds");
    return deletions
        .delete(
            call.type,
            call.namespace(),
            call.name(),
            new DeleteOptions(
                Json.string(eviction, "deleteOptions", "preconditions", "uid"),
                Json.string(eviction, "deleteOptions", "preconditions", "resourceVersion"),
                DeleteOptions.Propagation.DEFAULT,
                grace instanceof Long seconds ? seconds : null,
                call.dryRun("CreateOptions")))
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
