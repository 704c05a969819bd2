package sh.kaito.testkit.internal.sim.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;

/** The ReplicaSet controller. */
public final class ReplicaSetLoop {
  private final ObjectCache sets;
  private final ObjectCache pods;

  /** The last number used in a pod name of a set, by UID: names are never used twice. */
  private final Map<String, Integer> numbers = new HashMap<>();

  public ReplicaSetLoop(SimCluster cluster) {
    this.sets = cluster.watch(Kind.REPLICA_SET);
    this.pods = cluster.watch(Kind.POD);
    KeyedLoop loop = new KeyedLoop("simulated-replicaset-controller", cluster, this::decide);
    WorkloadCaches.wakeSelf(sets, loop);
    sets.listen(
        (before, after) -> {
          if (after == null && before != null) {
            numbers.remove(Objects.uid(before));
          }
        });
    WorkloadCaches.wakeOwner(pods, Kind.REPLICA_SET, loop);
  }

  private Step decide(String key) {
    JsonNode set = sets.get(key);
    if (set == null || Objects.isDeleting(set)) {
      return Step.idle();
    }
    List<JsonNode> active = new ArrayList<>();
    for (JsonNode pod : pods.find(WorkloadCaches.BY_OWNER, Objects.uid(set))) {
      if (PodTemplates.isActive(pod)) {
        active.add(pod);
      }
    }
    int wanted = set.path("spec").path("replicas").asInt(1);
    if (active.size() < wanted) {
      return Requests.create(Kind.POD, pod(set));
    }
    if (active.size() > wanted) {
      // Those that serve go last.
      active.sort(
          Comparator.comparing(PodTemplates::isReady)
              .thenComparing(pod -> !Objects.text(pod, "spec", "nodeName").isEmpty())
              .thenComparing(Objects::name));
      return Requests.delete(Kind.POD, active.get(0));
    }
    int ready = (int) active.stream().filter(PodTemplates::isReady).count();
    ObjectNode status =
        Objects.object()
            .put("observedGeneration", set.path("metadata").path("generation").asLong())
            .put("replicas", active.size())
            .put("fullyLabeledReplicas", active.size())
            .put("readyReplicas", ready)
            .put("availableReplicas", ready);
    return Objects.says(set.path("status"), status)
        ? Step.idle()
        : Requests.patchStatus(Kind.REPLICA_SET, set, status);
  }

  private ObjectNode pod(JsonNode set) {
    String prefix = Objects.name(set) + "-";
    String name;
    do {
      int number = numbers.merge(Objects.uid(set), 1, Integer::sum);
      name = prefix + PodTemplates.suffix(prefix, number);
    } while (pods.get(Objects.namespace(set) + "/" + name) != null);
    ObjectNode pod = PodTemplates.pod(Kind.REPLICA_SET, set, name, Map.of());
    ((ObjectNode) pod.path("metadata")).put("generateName", prefix);
    return pod;
  }
}
