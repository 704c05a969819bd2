package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.json.Json;

/**
 * {@code pods/binding}: how a scheduler gives a pod its node. It sets {@code spec.nodeName} and
 * condition PodScheduled in one step.
 */
final class Bindings {
  static final String SUBRESOURCE = "binding";

  private final Resources resources;
  private final Bodies bodies;
  private final Clock clock;

  Bindings(Resources resources, Bodies bodies, Clock clock) {
    this.resources = resources;
    this.bodies = bodies;
    this.clock = clock;
  }

  /** The Status that a kube-apiserver answers with. */
  Map<String, Object> bind(Call call) {
    boolean dryRun = call.dryRun("CreateOptions");
    Map<String, Object> binding = bodies.object(call, "Binding", "v1");
    String node = Json.text(binding, "target", "name");
    String uid = Json.text(binding, "metadata", "uid");
    resources.update(
        call.type,
        call.namespace(),
        call.name(),
        false,
        new WriteOptions(call.manager(), SUBRESOURCE, dryRun, false),
        live -> assign(call, Objects.requireNonNull(live), node, uid));
    return Json.objectOf(
        "kind",
        "Status",
        "apiVersion",
        "v1",
        "metadata",
        Json.newObject(),
        "status",
        "Success",
        "code",
        201L);
  }

  private Map<String, Object> assign(Call call, Map<String, Object> pod, String node, String uid) {
    String name = call.name();
    String present = Json.text(pod, "metadata", "uid");
    if (!uid.isEmpty() && !uid.equals(present)) {
      throw ApiFailure.conflict(
          call.type,
          name,
          "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + present);
    }
    if (!Json.text(pod, "metadata", "deletionTimestamp").isEmpty()) {
      throw ApiFailure.conflict(
          call.type, name, "pod " + name + " is being deleted, cannot be assigned to a host");
    }
    String assigned = Json.text(pod, "spec", "nodeName");
    if (!assigned.isEmpty()) {
      throw ApiFailure.conflict(
          call.type, name, "pod " + name + " is already assigned to node \"" + assigned + "\"");
    }
    Objects.requireNonNull(Json.object(pod, "spec")).put("nodeName", node);
    Map<String, Object> status =
        Objects.requireNonNullElseGet(Json.object(pod, "status"), Json::newObject);
    pod.put("status", status);
    List<Object> conditions = new ArrayList<>();
    List<Object> before = Json.list(status, "conditions");
    if (before != null) {
      for (Object condition : before) {
        Map<String, Object> tree = Json.asObject(condition);
        if (tree == null || !Json.text(tree, "type").equals("PodScheduled")) {
          conditions.add(condition);
        }
      }
    }
    conditions.add(
        Json.objectOf(
            "lastProbeTime",
            null,
            "lastTransitionTime",
            Dates.seconds(clock.instant()),
            "status",
            "True",
            "type",
            "PodScheduled"));
    status.put("conditions", conditions);
    return pod;
  }
}
