package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.Objects;

/** Renders a pod's status as the kubelet writes it. Pure. */
final class PodStatus {
  private PodStatus() {}

  static ObjectNode of(JsonNode pod, PodRun run, boolean nodeReady, Instant now) {
    ObjectNode status = Objects.object();
    String phase = run.phase();
    status.put("phase", phase);
    status.put("hostIP", run.hostIp);
    status.putArray("hostIPs").addObject().put("ip", run.hostIp);
    status.put("podIP", run.podIp);
    status.putArray("podIPs").addObject().put("ip", run.podIp);
    status.put("startTime", Objects.time(run.begun));
    if (!run.failureReason.isEmpty()) {
      status.put("reason", run.failureReason).put("message", run.failureMessage);
    }
    status.set("conditions", conditions(pod, run, phase, nodeReady, now));
    if (!run.init.isEmpty()) {
      ArrayNode statuses = status.putArray("initContainerStatuses");
      run.init.forEach(container -> statuses.add(container.status(run.uid)));
    }
    ArrayNode statuses = status.putArray("containerStatuses");
    run.main.forEach(container -> statuses.add(container.status(run.uid)));
    return status;
  }

  private static ArrayNode conditions(
      JsonNode pod, PodRun run, String phase, boolean nodeReady, Instant now) {
    boolean over = phase.equals("Succeeded") || phase.equals("Failed");
    List<String> unfinished = new ArrayList<>();
    for (Container container : run.init) {
      if (!run.isPassed(container)) {
        unfinished.add(container.name);
      }
    }
    List<String> unready = new ArrayList<>();
    for (Container container : run.init) {
      if (container.sidecar && !container.ready) {
        unready.add(container.name);
      }
    }
    for (Container container : run.main) {
      if (!container.ready) {
        unready.add(container.name);
      }
    }
    ArrayNode result = Objects.array();
    Set<String> ours = new HashSet<>();
    add(result, ours, pod, "PodReadyToStartContainers", !over, over ? "" : null, "", now);
    if (unfinished.isEmpty()) {
      boolean completed = phase.equals("Succeeded");
      add(result, ours, pod, "Initialized", true, completed ? "PodCompleted" : null, "", now);
    } else {
      add(
          result,
          ours,
          pod,
          "Initialized",
          false,
          "ContainersNotInitialized",
          "containers with incomplete status: " + bracketed(unfinished),
          now);
    }
    String reason = null;
    String message = "";
    if (over) {
      reason = phase.equals("Succeeded") ? "PodCompleted" : "PodFailed";
    } else if (!unready.isEmpty()) {
      reason = "ContainersNotReady";
      message = "containers with unready status: " + bracketed(unready);
    }
    if (reason == null && !nodeReady) {
      // The node controller takes readiness away from pods of a broken node.
      add(result, ours, pod, "Ready", false, "NodeNotReady", "Node is not ready", now);
    } else {
      add(result, ours, pod, "Ready", reason == null, reason, message, now);
    }
    add(result, ours, pod, "ContainersReady", reason == null, reason, message, now);
    if (Objects.condition(pod, "PodScheduled") == null || !Objects.isTrue(pod, "PodScheduled")) {
      add(result, ours, pod, "PodScheduled", true, null, "", now);
    }
    if (run.failureReason.equals("Evicted")) {
      add(
          result,
          ours,
          pod,
          "DisruptionTarget",
          true,
          "TerminationByKubelet",
          run.failureMessage,
          now);
    }
    for (JsonNode condition : pod.path("status").path("conditions")) {
      if (!ours.contains(condition.path("type").asText())) {
        result.add(condition);
      }
    }
    return result;
  }

  private static String bracketed(List<String> names) {
    return "[" + String.join(" ", names) + "]";
  }

  private static void add(
      ArrayNode conditions,
      Set<String> ours,
      JsonNode pod,
      String type,
      boolean holds,
      @Nullable String reason,
      String message,
      Instant now) {
    ours.add(type);
    JsonNode before = Objects.condition(pod, type);
    String status = holds ? "True" : "False";
    boolean same = before != null && Objects.text(before, "status").equals(status);
    ObjectNode condition = conditions.addObject().put("type", type).put("status", status);
    if (reason != null && !reason.isEmpty()) {
      condition.put("reason", reason);
    }
    if (!message.isEmpty()) {
      condition.put("message", message);
    }
    condition.put(
        "lastTransitionTime",
        same && before != null ? Objects.text(before, "lastTransitionTime") : Objects.time(now));
  }
}
