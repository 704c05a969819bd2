package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.json.Json;

/**
 * Subresources of pods behind which a real server has the kubelet: log, exec, attach, portforward.
 * There is no process in a simulated pod; its log is what its status tells of how it ended.
 */
final class PodConnections {
  private static final List<String> KINDS = List.of("initContainers", "containers");

  private final Store store;
  private final Reads reads;

  PodConnections(Store store, Reads reads) {
    this.store = store;
    this.reads = reads;
  }

  static boolean serves(String subresource) {
    return List.of("log", "exec", "attach", "portforward").contains(subresource);
  }

  KubeResponse connect(Call call) {
    Map<String, Object> pod = reads.get(call).json();
    String node = Json.text(pod, "spec", "nodeName");
    if (call.subresource().equals("log")) {
      checkLogOptions(call);
      String container = container(call, pod);
      return text(node.isEmpty() ? "" : log(call, pod, node, container));
    }
    if (!call.subresource().equals("portforward")) {
      container(call, pod);
    }
    if (node.isEmpty()) {
      throw ApiFailure.badRequest("pod " + call.name() + " does not have a host assigned");
    }
    throw ApiFailure.badRequest("Upgrade request required");
  }

  private static void checkLogOptions(Call call) {
    List<Cause> causes = new ArrayList<>();
    Long lines = call.number("tailLines");
    if (lines != null && lines < 0) {
      causes.add(Cause.invalid("tailLines", lines, "must be greater than or equal to 0"));
    }
    Long bytes = call.number("limitBytes");
    if (bytes != null && bytes < 1) {
      causes.add(Cause.invalid("limitBytes", bytes, "must be greater than 0"));
    }
    Long seconds = call.number("sinceSeconds");
    if (seconds != null && call.query("sinceTime") != null) {
      causes.add(
          Cause.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
    } else if (seconds != null && seconds < 1) {
      causes.add(Cause.invalid("sinceSeconds", seconds, "must be greater than 0"));
    }
    if (!causes.isEmpty()) {
      throw ApiFailure.invalid("PodLogOptions", "", call.name(), causes);
    }
  }

  /** The container that is meant: the only one, or that of the query. */
  private static String container(Call call, Map<String, Object> pod) {
    List<String> all = new ArrayList<>();
    KINDS.forEach(kind -> all.addAll(names(pod, kind)));
    List<String> main = names(pod, "containers");
    String asked = call.query("container");
    if (asked != null && !asked.isEmpty()) {
      if (!all.contains(asked)) {
        throw ApiFailure.badRequest("container " + asked + " is not valid for pod " + call.name());
      }
      return asked;
    }
    String preferred =
        Json.text(pod, "metadata", "annotations", "kubectl.kubernetes.io/default-container");
    if (main.size() == 1) {
      return main.get(0);
    }
    if (main.contains(preferred)) {
      return preferred;
    }
    List<String> init = names(pod, "initContainers");
    throw ApiFailure.badRequest(
        "a container name must be specified for pod "
            + call.name()
            + ", choose one of: ["
            + String.join(" ", main)
            + "]"
            + (init.isEmpty()
                ? ""
                : " or one of the init containers: [" + String.join(" ", init) + "]"));
  }

  private static List<String> names(Map<String, Object> pod, String kind) {
    List<Object> containers = Json.list(pod, "spec", kind);
    return containers == null
        ? List.of()
        : containers.stream().map(container -> Json.text(container, "name")).toList();
  }

  private String log(Call call, Map<String, Object> pod, String node, String container) {
    if (store.get("nodes", node) == null) {
      throw ApiFailure.of(404, "NotFound", "nodes \"" + node + "\" not found")
          .withDetails(Json.objectOf("name", node, "kind", "nodes"));
    }
    Object status = status(pod, container);
    if (call.flag("previous")) {
      if (Json.get(status, "lastState", "terminated") == null) {
        throw ApiFailure.badRequest(
            "previous terminated container \""
                + container
                + "\" in pod \""
                + call.name()
                + "\" not found");
      }
      return lines(Json.text(status, "lastState", "terminated", "message"));
    }
    String waiting = Json.text(status, "state", "waiting", "reason");
    if (!waiting.isEmpty() && Json.get(status, "lastState", "terminated") == null) {
      throw ApiFailure.badRequest(
          "container \""
              + container
              + "\" in pod \""
              + call.name()
              + "\" is waiting to start: "
              + waiting);
    }
    String ended = Json.text(status, "state", "terminated", "message");
    boolean waits = !waiting.isEmpty();
    return lines(waits ? Json.text(status, "lastState", "terminated", "message") : ended);
  }

  private static @Nullable Object status(Map<String, Object> pod, String container) {
    for (String kind : List.of("initContainerStatuses", "containerStatuses")) {
      List<Object> statuses = Json.list(pod, "status", kind);
      if (statuses != null) {
        for (Object status : statuses) {
          if (Json.text(status, "name").equals(container)) {
            return status;
          }
        }
      }
    }
    return null;
  }

  private static String lines(String message) {
    return message.isEmpty() || message.endsWith("\n") ? message : message + "\n";
  }

  private static KubeResponse text(String log) {
    return KubeResponse.of(
        200, Map.of("Content-Type", List.of("text/plain")), log.getBytes(StandardCharsets.UTF_8));
  }
}
