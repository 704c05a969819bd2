package sh.kaito.testkit.internal.apiserver.table;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.json.Json;

/** Cells of pods: readiness, the reason that tells most, restarts. */
final class PodCells {
  private PodCells() {}

  static List<Object> of(Map<String, Object> pod, Instant now) {
    List<Object> containers = BuiltInPrinter.items(pod, "spec", "containers");
    List<Object> initContainers = BuiltInPrinter.items(pod, "spec", "initContainers");
    int total = containers.size();
    int ready = 0;
    long restarts = 0;
    String restartedAt = "";
    String reason = Json.text(pod, "status", "phase");
    String podReason = Json.text(pod, "status", "reason");
    if (!podReason.isEmpty()) {
      reason = podReason;
    }
    for (Object condition : BuiltInPrinter.items(pod, "status", "conditions")) {
      if (Json.text(condition, "type").equals("PodScheduled")
          && Json.text(condition, "reason").equals("SchedulingGated")) {
        reason = "SchedulingGated";
      }
    }
    boolean initializing = false;
    List<Object> initStatuses = BuiltInPrinter.items(pod, "status", "initContainerStatuses");
    for (int i = 0; i < initStatuses.size(); i++) {
      Object status = initStatuses.get(i);
      restarts += Json.integer(status, 0, "restartCount");
      Map<String, Object> terminated = Json.object(status, "state", "terminated");
      String waiting = Json.text(status, "state", "waiting", "reason");
      if (terminated != null && Json.integer(terminated, 0, "exitCode") == 0) {
        continue;
      }
      if (sidecar(initContainers, Json.text(status, "name")) && Json.isTrue(status, "started")) {
        total++;
        if (Json.isTrue(status, "ready")) {
          ready++;
        }
        continue;
      }
      if (terminated != null) {
        reason = "Init:" + terminatedReason(terminated);
      } else if (!waiting.isEmpty() && !waiting.equals("PodInitializing")) {
        reason = "Init:" + waiting;
      } else {
        reason = "Init:" + i + "/" + initContainers.size();
      }
      initializing = true;
      break;
    }
    if (!initializing || initialized(pod)) {
      restarts = initializing ? restarts : sidecarRestarts(initContainers, initStatuses);
      boolean running = false;
      List<Object> statuses = BuiltInPrinter.items(pod, "status", "containerStatuses");
      for (int i = statuses.size() - 1; i >= 0; i--) {
        Object status = statuses.get(i);
        restarts += Json.integer(status, 0, "restartCount");
        String finished = Json.text(status, "lastState", "terminated", "finishedAt");
        if (finished.compareTo(restartedAt) > 0) {
          restartedAt = finished;
        }
        String waiting = Json.text(status, "state", "waiting", "reason");
        Map<String, Object> terminated = Json.object(status, "state", "terminated");
        if (!waiting.isEmpty()) {
          reason = waiting;
        } else if (terminated != null) {
          reason = terminatedReason(terminated);
        } else if (Json.isTrue(status, "ready") && Json.get(status, "state", "running") != null) {
          running = true;
          ready++;
        }
      }
      if (reason.equals("Completed") && running) {
        reason = podReady(pod) ? "Running" : "NotReady";
      }
    }
    if (Json.get(pod, "metadata", "deletionTimestamp") != null) {
      reason = podReason.equals("NodeLost") ? "Unknown" : terminal(pod) ? reason : "Terminating";
    }
    String restartText =
        restarts == 0 || restartedAt.isEmpty()
            ? Long.toString(restarts)
            : restarts + " (" + Ages.since(restartedAt, now) + " ago)";
    return BuiltInPrinter.list(
        Json.text(pod, "metadata", "name"),
        ready + "/" + total,
        // A pod that has finished without a reason of its containers shows its phase as a word.
        reason.equals("Succeeded") ? "Completed" : reason,
        restartText,
        Ages.since(Json.string(pod, "metadata", "creationTimestamp"), now),
        orNone(Json.text(pod, "status", "podIP")),
        orNone(Json.text(pod, "spec", "nodeName")),
        orNone(Json.text(pod, "status", "nominatedNodeName")),
        gates(pod));
  }

  private static boolean terminal(Map<String, Object> pod) {
    String phase = Json.text(pod, "status", "phase");
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  private static String terminatedReason(Map<String, Object> terminated) {
    String reason = Json.text(terminated, "reason");
    if (!reason.isEmpty()) {
      return reason;
    }
    long signal = Json.integer(terminated, 0, "signal");
    return signal != 0 ? "Signal:" + signal : "ExitCode:" + Json.integer(terminated, 0, "exitCode");
  }

  private static boolean sidecar(List<Object> initContainers, String name) {
    for (Object container : initContainers) {
      if (Json.text(container, "name").equals(name)) {
        return Objects.equals(Json.get(container, "restartPolicy"), "Always");
      }
    }
    return false;
  }

  private static long sidecarRestarts(List<Object> initContainers, List<Object> statuses) {
    long restarts = 0;
    for (Object status : statuses) {
      if (sidecar(initContainers, Json.text(status, "name"))) {
        restarts += Json.integer(status, 0, "restartCount");
      }
    }
    return restarts;
  }

  private static boolean initialized(Map<String, Object> pod) {
    return condition(pod, "Initialized");
  }

  private static boolean podReady(Map<String, Object> pod) {
    return condition(pod, "Ready");
  }

  private static boolean condition(Map<String, Object> pod, String type) {
    for (Object condition : BuiltInPrinter.items(pod, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }

  private static String orNone(String text) {
    return text.isEmpty() ? "<none>" : text;
  }

  private static String gates(Map<String, Object> pod) {
    List<Object> gates = BuiltInPrinter.items(pod, "spec", "readinessGates");
    if (gates.isEmpty()) {
      return "<none>";
    }
    int met = 0;
    for (Object gate : gates) {
      if (condition(pod, Json.text(gate, "conditionType"))) {
        met++;
      }
    }
    return met + "/" + gates.size();
  }

  static List<Object> conditions(Map<String, Object> pod) {
    return switch (Json.text(pod, "status", "phase")) {
      case "Succeeded" -> completed("Succeeded", "The pod has completed successfully.");
      case "Failed" -> completed("Failed", "The pod failed.");
      default -> List.of();
    };
  }

  private static List<Object> completed(String reason, String message) {
    return List.of(
        Json.objectOf("type", "Completed", "status", "True", "reason", reason, "message", message));
  }
}
