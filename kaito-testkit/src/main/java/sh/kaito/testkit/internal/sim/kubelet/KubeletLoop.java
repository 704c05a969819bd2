package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.PodView;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;
import sh.kaito.testkit.internal.sim.scheduling.SchedulerLoop;

/** Plays the kubelets of all simulated nodes. */
public final class KubeletLoop implements AutoCloseable {
  private static final String BY_IP = "ip";
  private static final String SIMULATED = "java.kaito.sh/simulated";

  /** Pods of a node that is gone are removed after this time, as the controller manager does. */
  private static final Duration LOST_NODE = Duration.ofSeconds(40);

  /** Pods of a node that is not Ready are evicted after this time: the default toleration. */
  private static final Duration NOT_READY = Duration.ofMinutes(5);

  private final SimCluster cluster;
  private final KubeletSettings settings;
  private final ObjectCache pods;
  private final ObjectCache nodes;
  private final KeyedLoop loop;
  private final PodLife life;
  private final Map<String, PodRun> runs = new HashMap<>();
  private final Map<String, Integer> ordinals = new HashMap<>();
  private final Map<String, Instant> lostSince = new HashMap<>();
  private int addresses = 1;

  /** Pods must be indexed by {@link SchedulerLoop#BY_NODE}. */
  public KubeletLoop(SimCluster cluster, KubeletSettings settings) {
    this.cluster = cluster;
    this.settings = settings;
    this.pods = cluster.watch(Kind.POD).index(BY_IP, KubeletLoop::podIp);
    this.nodes = cluster.watch(Kind.NODE);
    this.loop = new KeyedLoop("simulated-kubelet", cluster, this::decide);
    this.life = new PodLife(cluster, settings, runs::get, run -> loop.enqueue(run.key));
    pods.listen(
        (before, after) -> {
          JsonNode pod = after == null ? before : after;
          if (pod != null && (isBound(pod) || Objects.isDeleting(pod))) {
            loop.enqueue(Objects.key(pod));
          }
        });
    nodes.listen(this::nodeChanged);
    cluster.onSynced(() -> pods.all().forEach(pod -> loop.enqueue(Objects.key(pod))));
  }

  private static List<String> podIp(JsonNode pod) {
    String ip = Objects.text(pod, "status", "podIP");
    return ip.isEmpty() ? List.of() : List.of(ip);
  }

  private static boolean isBound(JsonNode pod) {
    return !Objects.text(pod, "spec", "nodeName").isEmpty();
  }

  private void nodeChanged(@Nullable JsonNode before, @Nullable JsonNode after) {
    boolean same =
        before != null
            && after != null
            && Objects.isTrue(before, "Ready") == Objects.isTrue(after, "Ready");
    JsonNode node = after == null ? before : after;
    if (node != null && !same) {
      for (JsonNode pod : pods.find(SchedulerLoop.BY_NODE, Objects.name(node))) {
        loop.enqueue(Objects.key(pod));
      }
    }
  }

  /** Does something to a pod that runs; a pod that does not run is left alone. */
  public void change(String namespace, String pod, BiConsumer<PodControl, Instant> change) {
    cluster.execute(
        () -> {
          PodRun run = runs.get(namespace + "/" + pod);
          if (run != null && !run.stopped) {
            change.accept(new PodControl(run, life), cluster.now());
          }
        });
  }

  /** What a test may do to a pod. */
  public static final class PodControl {
    private final PodRun run;
    private final PodLife life;

    private PodControl(PodRun run, PodLife life) {
      this.run = run;
      this.life = life;
    }

    public void evict(String message) {
      life.evict(run, message);
    }

    public void healthy(boolean healthy) {
      life.setHealthy(run, healthy);
    }

    public void crash(int exitCode, String reason, String message) {
      for (Container container : run.main) {
        if (container.isRunning()) {
          life.exit(run, container, exitCode, reason, message);
          return;
        }
      }
    }
  }

  private Step decide(String key) {
    JsonNode pod = pods.get(key);
    PodRun run = runs.get(key);
    if (run != null && (pod == null || !Objects.uid(pod).equals(run.uid))) {
      life.end(run);
      runs.remove(key);
      run = null;
    }
    if (pod == null) {
      lostSince.remove(key);
      return Step.idle();
    }
    Instant now = cluster.now();
    String nodeName = Objects.text(pod, "spec", "nodeName");
    if (nodeName.isEmpty()) {
      // An API server removes a pod without node at once; where it waits, nobody else would.
      return Objects.isDeleting(pod) ? Requests.delete(Kind.POD, pod, 0) : Step.idle();
    }
    JsonNode node = nodes.get(nodeName);
    if (node == null) {
      return withoutNode(key, pod, run, now);
    }
    lostSince.remove(key);
    if (!settings.everyNode()
        && !Objects.text(node, "metadata", "annotations", SIMULATED).equals("true")) {
      return Step.idle();
    }
    String phase = Objects.text(pod, "status", "phase");
    boolean over = phase.equals("Succeeded") || phase.equals("Failed");
    if (Objects.isDeleting(pod)) {
      return stop(pod, run, over, now);
    }
    if (over) {
      if (run != null) {
        life.end(run);
      }
      return Step.idle();
    }
    if (run == null) {
      run = begin(key, pod, node, now);
    }
    boolean nodeReady = Objects.isTrue(node, "Ready");
    if (nodeReady) {
      run.nodeLostAt = null;
    } else if (run.nodeLostAt == null) {
      run.nodeLostAt = now;
    }
    ObjectNode status = PodStatus.of(pod, run, nodeReady, now);
    if (!Objects.says(pod.path("status"), status)) {
      return Requests.patchStatus(Kind.POD, pod, status);
    }
    if (run.nodeLostAt != null && settings.controllers()) {
      Instant due = run.nodeLostAt.plus(NOT_READY);
      return now.isBefore(due) ? Step.wake(due) : Requests.delete(Kind.POD, pod);
    }
    return Step.idle();
  }

  private PodRun begin(String key, JsonNode pod, JsonNode node, Instant now) {
    Map<String, String> labels = Objects.labels(pod);
    String group =
        Objects.namespace(pod) + "/" + labels.getOrDefault("kaito.sh/workspace", Objects.name(pod));
    int ordinal = ordinals.merge(group, 1, Integer::sum) - 1;
    PodView view = new PodView(Objects.namespace(pod), Objects.name(pod), labels, ordinal);
    String known = Objects.text(pod, "status", "podIP");
    PodRun run =
        new PodRun(
            pod,
            settings.behavior().apply(view),
            known.isEmpty() ? freeAddress() : known,
            hostIp(node),
            Objects.instant(Objects.text(pod, "status", "startTime")).orElse(now));
    runs.put(key, run);
    if (Objects.isTrue(pod, "ContainersReady")) {
      life.resume(run);
    } else {
      life.begin(run);
    }
    return run;
  }

  private static String hostIp(JsonNode node) {
    for (JsonNode address : node.path("status").path("addresses")) {
      if (address.path("type").asText().equals("InternalIP")) {
        return address.path("address").asText();
      }
    }
    // A node that a test wrote by hand may have no address, and a pod's status needs one.
    return "10.224.255.254";
  }

  /** The next address of 10.244.0.0/14 that no pod has. */
  private String freeAddress() {
    String ip;
    do {
      addresses = addresses >= (1 << 18) - 2 ? 2 : addresses + 1;
      ip =
          "10."
              + (244 + (addresses >> 16))
              + "."
              + ((addresses >> 8) & 0xff)
              + "."
              + (addresses & 0xff);
    } while (pods.count(BY_IP, ip) > 0);
    return ip;
  }

  private Step withoutNode(String key, JsonNode pod, @Nullable PodRun run, Instant now) {
    if (!cluster.isSynced()) {
      return Step.idle();
    }
    if (run != null) {
      life.end(run);
    }
    if (!settings.controllers()) {
      return Step.idle();
    }
    Instant due = lostSince.computeIfAbsent(key, k -> now).plus(LOST_NODE);
    return now.isBefore(due) && !Objects.isDeleting(pod)
        ? Step.wake(due)
        : Requests.delete(Kind.POD, pod, 0);
  }

  private Step stop(JsonNode pod, @Nullable PodRun run, boolean over, Instant now) {
    if (run != null) {
      if (run.deletionSeen == null) {
        run.deletionSeen = now;
      }
      long grace = pod.path("metadata").path("deletionGracePeriodSeconds").asLong(30);
      Duration stopping =
          settings.stop().compareTo(Duration.ofSeconds(grace)) < 0
              ? settings.stop()
              : Duration.ofSeconds(grace);
      Instant due = run.deletionSeen.plus(stopping);
      if (!over && now.isBefore(due)) {
        return Step.wake(due);
      }
      life.end(run);
    }
    // A second deletion without grace is how the kubelet says that nothing runs any more; an
    // object with finalizers stays until they are gone, and is not deleted again and again.
    boolean told = pod.path("metadata").path("deletionGracePeriodSeconds").asLong(30) == 0;
    return told && !pod.path("metadata").path("finalizers").isEmpty()
        ? Step.idle()
        : Requests.delete(Kind.POD, pod, 0);
  }

  @Override
  public void close() {
    life.close();
  }
}
