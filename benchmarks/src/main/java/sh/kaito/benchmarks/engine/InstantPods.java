package sh.kaito.benchmarks.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * A kubelet without patience: each pod of a Workspace is ready after a fixed time, whatever its
 * probes say, by one status write. It plays no scheduler either: pods stay unbound, so that the
 * cluster's own part is as small as can be and the controller's is seen.
 */
final class InstantPods implements AutoCloseable {
  private final KubeClient client;
  private final Scheduler scheduler;
  private final Duration delay;
  private final Reflector<List<String>> pods;

  private InstantPods(KubeTransport transport, Scheduler scheduler, Duration delay) {
    this.client = KubeClient.of(transport, "benchmark-kubelet");
    this.scheduler = scheduler;
    this.delay = delay;
    this.pods =
        Reflector.builder(transport, scheduler, ResourceType.PODS, InstantPods::containers)
            .select(ListOptions.all().labelSelector("kaito.sh/workspace"))
            .onChange(this::changed)
            .build();
  }

  static InstantPods start(KubeTransport transport, Scheduler scheduler, Duration delay) {
    InstantPods pods = new InstantPods(transport, scheduler, delay);
    pods.pods.start();
    return pods;
  }

  private static List<String> containers(JsonNode pod) {
    List<String> names = new ArrayList<>();
    pod.path("spec").path("containers").forEach(one -> names.add(one.path("name").asText()));
    return names;
  }

  private void changed(Change<List<String>> change) {
    if (change.isCreation() && change.after() != null) {
      List<String> containers = change.after().value();
      if (delay.isZero()) {
        run(change.key(), containers);
      } else {
        scheduler.schedule(delay, () -> run(change.key(), containers));
      }
    }
  }

  private void run(ObjectKey pod, List<String> containers) {
    String now = scheduler.clock().instant().truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode patch = KubeJson.object();
    ObjectNode status = patch.putObject("status");
    status.put("phase", "Running");
    ArrayNode conditions = status.putArray("conditions");
    for (String type : List.of("PodScheduled", "Initialized", "ContainersReady", "Ready")) {
      ObjectNode condition = conditions.addObject();
      condition.put("type", type).put("status", "True").put("lastTransitionTime", now);
    }
    ArrayNode statuses = status.putArray("containerStatuses");
    for (String container : containers) {
      ObjectNode one = statuses.addObject();
      one.put("name", container).put("ready", true).put("started", true).put("restartCount", 0);
      one.put("image", "simulated").put("imageID", "simulated");
      one.putObject("state").putObject("running").put("startedAt", now);
    }
    var unused =
        client
            .patch(ResourceType.PODS, pod, PatchType.MERGE, patch, WriteOptions.defaults().status())
            .whenComplete(
                (result, failure) -> {
                  if (failure != null || !(result.isSuccess() || result.isNotFound())) {
                    System.err.println(
                        "pod "
                            + pod
                            + " was not made ready: "
                            + (failure != null ? failure : result));
                  }
                });
  }

  @Override
  public void close() {
    pods.stop();
  }
}
