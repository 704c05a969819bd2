package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.PodBehavior;
import sh.kaito.testkit.internal.sim.Objects;

/** A pod on its node, as long as it is there. */
final class PodRun {
  final String key;
  final String uid;
  final JsonNode pod;
  final PodBehavior behavior;
  final String podIp;
  final String hostIp;
  final Instant begun;
  final List<Container> init = new ArrayList<>();
  final List<Container> main = new ArrayList<>();
  final PodFiles files = new PodFiles();

  /** Directories that an image of a known registry was unpacked into. */
  final Set<String> filled = new HashSet<>();

  final boolean restarts;
  final boolean restartsOnFailure;

  int nextInit;
  boolean healthy;
  boolean stopped;
  String failureReason = "";
  String failureMessage = "";
  @Nullable Instant deletionSeen;
  @Nullable Instant nodeLostAt;

  /** What listens in the pod; null before it does. */
  @Nullable Listening listening;

  PodRun(JsonNode pod, PodBehavior behavior, String podIp, String hostIp, Instant now) {
    this.key = Objects.key(pod);
    this.uid = Objects.uid(pod);
    this.pod = pod;
    this.behavior = behavior;
    this.podIp = podIp;
    this.hostIp = hostIp;
    this.begun = now;
    this.healthy = behavior.becomesHealthy();
    String policy = Objects.text(pod, "spec", "restartPolicy");
    this.restarts = policy.isEmpty() || policy.equals("Always");
    this.restartsOnFailure = restarts || policy.equals("OnFailure");
    for (JsonNode container : pod.path("spec").path("initContainers")) {
      init.add(new Container(container, true, "PodInitializing"));
    }
    for (JsonNode container : pod.path("spec").path("containers")) {
      main.add(
          new Container(
              container, false, init.isEmpty() ? "ContainerCreating" : "PodInitializing"));
    }
  }

  /** Whether an init container no longer holds up the next: done, or a started sidecar. */
  boolean isPassed(Container container) {
    return container.sidecar ? container.started : container.isDone() && container.exitCode == 0;
  }

  /** The pod's phase, by the kubelet's rules. */
  String phase() {
    if (!failureReason.isEmpty()) {
      return "Failed";
    }
    for (Container container : init) {
      if (!container.sidecar
          && container.isDone()
          && container.exitCode != 0
          && !restartsOnFailure) {
        return "Failed";
      }
    }
    if (nextInit < init.size()) {
      return "Pending";
    }
    boolean anyStarted = false;
    boolean allDone = true;
    boolean allWell = true;
    for (Container container : main) {
      anyStarted |= container.startedAt != null;
      boolean over =
          container.isDone() && !(restarts || (restartsOnFailure && container.exitCode != 0));
      allDone &= over;
      allWell &= over && container.exitCode == 0;
    }
    if (!anyStarted) {
      return "Pending";
    }
    return allDone ? (allWell ? "Succeeded" : "Failed") : "Running";
  }

  boolean isOver() {
    String phase = phase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }
}
