package sh.kaito.testkit.internal.sim.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;

/**
 * The StatefulSet controller: ordinals, both pod management policies, RollingUpdate with partition
 * and OnDelete. It makes no ControllerRevision objects and no volume claims, and pods below the
 * partition that are missing come back in the new revision.
 */
public final class StatefulSetLoop {
  private static final String REVISION = "controller-revision-hash";

  private final ObjectCache sets;
  private final ObjectCache pods;

  public StatefulSetLoop(SimCluster cluster) {
    this.sets = cluster.watch(Kind.STATEFUL_SET);
    this.pods = cluster.watch(Kind.POD);
    KeyedLoop loop = new KeyedLoop("simulated-statefulset-controller", cluster, this::decide);
    WorkloadCaches.wakeSelf(sets, loop);
    WorkloadCaches.wakeOwner(pods, Kind.STATEFUL_SET, loop);
  }

  private Step decide(String key) {
    JsonNode set = sets.get(key);
    if (set == null || Objects.isDeleting(set)) {
      return Step.idle();
    }
    String revision =
        Objects.name(set) + "-" + PodTemplates.hash(set.path("spec").path("template"));
    TreeMap<Integer, JsonNode> byOrdinal = new TreeMap<>();
    for (JsonNode pod : pods.find(WorkloadCaches.BY_OWNER, Objects.uid(set))) {
      int ordinal = ordinal(Objects.name(set), Objects.name(pod));
      if (ordinal >= 0) {
        byOrdinal.put(ordinal, pod);
      }
    }
    Step step = scale(set, byOrdinal, revision);
    if (step == null) {
      step = update(set, byOrdinal, revision);
    }
    if (step != null) {
      return step;
    }
    ObjectNode status = status(set, byOrdinal, revision);
    return Objects.says(set.path("status"), status)
        ? Step.idle()
        : Requests.patchStatus(Kind.STATEFUL_SET, set, status);
  }

  private static int ordinal(String set, String pod) {
    if (!pod.startsWith(set + "-")) {
      return -1;
    }
    String digits = pod.substring(set.length() + 1);
    return digits.matches("\\d{1,9}") ? Integer.parseInt(digits) : -1;
  }

  private static int first(JsonNode set) {
    return set.path("spec").path("ordinals").path("start").asInt(0);
  }

  private static int replicas(JsonNode set) {
    return set.path("spec").path("replicas").asInt(1);
  }

  private @Nullable Step scale(
      JsonNode set, TreeMap<Integer, JsonNode> byOrdinal, String revision) {
    boolean parallel = Objects.text(set, "spec", "podManagementPolicy").equals("Parallel");
    int first = first(set);
    int end = first + replicas(set);
    for (int ordinal = first; ordinal < end; ordinal++) {
      JsonNode pod = byOrdinal.get(ordinal);
      if (pod == null) {
        return Requests.create(Kind.POD, pod(set, ordinal, revision));
      }
      if (PodTemplates.isTerminal(pod) && !Objects.isDeleting(pod)) {
        return Requests.delete(Kind.POD, pod);
      }
      if (!parallel && (!PodTemplates.isReady(pod) || Objects.isDeleting(pod))) {
        return null;
      }
    }
    List<Integer> surplus = new ArrayList<>(byOrdinal.tailMap(end, true).descendingKeySet());
    surplus.addAll(byOrdinal.headMap(first, false).descendingKeySet());
    for (int ordinal : surplus) {
      JsonNode pod = byOrdinal.get(ordinal);
      if (pod != null && !Objects.isDeleting(pod)) {
        return Requests.delete(Kind.POD, pod);
      }
      if (!parallel) {
        return null;
      }
    }
    return null;
  }

  private static ObjectNode pod(JsonNode set, int ordinal, String revision) {
    String name = Objects.name(set) + "-" + ordinal;
    ObjectNode pod =
        PodTemplates.pod(
            Kind.STATEFUL_SET,
            set,
            name,
            Map.of(
                "apps.kubernetes.io/pod-index",
                Integer.toString(ordinal),
                "statefulset.kubernetes.io/pod-name",
                name,
                REVISION,
                revision));
    ((ObjectNode) pod.path("metadata")).put("generateName", Objects.name(set) + "-");
    ObjectNode spec = (ObjectNode) pod.path("spec");
    spec.put("hostname", name);
    spec.put("subdomain", Objects.text(set, "spec", "serviceName"));
    return pod;
  }

  /** From the highest ordinal down, one at a time, each waiting for the one above to be ready. */
  private static @Nullable Step update(
      JsonNode set, TreeMap<Integer, JsonNode> byOrdinal, String revision) {
    JsonNode strategy = set.path("spec").path("updateStrategy");
    if (strategy.path("type").asText("RollingUpdate").equals("OnDelete")) {
      return null;
    }
    int partition = strategy.path("rollingUpdate").path("partition").asInt(0);
    for (Map.Entry<Integer, JsonNode> entry : byOrdinal.descendingMap().entrySet()) {
      JsonNode pod = entry.getValue();
      if (entry.getKey() < first(set) + partition) {
        return null;
      }
      boolean current = revision.equals(Objects.labels(pod).get(REVISION));
      if (!current && !Objects.isDeleting(pod)) {
        return Requests.delete(Kind.POD, pod);
      }
      if (!PodTemplates.isReady(pod) || Objects.isDeleting(pod)) {
        return null;
      }
    }
    return null;
  }

  private static ObjectNode status(
      JsonNode set, TreeMap<Integer, JsonNode> byOrdinal, String revision) {
    String current = Objects.text(set, "status", "currentRevision");
    int ready = 0;
    int updated = 0;
    int old = 0;
    for (JsonNode pod : byOrdinal.values()) {
      String of = Objects.labels(pod).getOrDefault(REVISION, "");
      boolean active = PodTemplates.isActive(pod);
      ready += PodTemplates.isReady(pod) ? 1 : 0;
      updated += active && of.equals(revision) ? 1 : 0;
      old += active && of.equals(current) ? 1 : 0;
    }
    boolean done =
        current.isEmpty()
            || (updated == replicas(set) && byOrdinal.size() == updated && ready == updated);
    return Objects.object()
        .put("observedGeneration", set.path("metadata").path("generation").asLong())
        .put("replicas", byOrdinal.size())
        .put("readyReplicas", ready)
        .put("availableReplicas", ready)
        .put("currentReplicas", done ? updated : old)
        .put("updatedReplicas", updated)
        .put("currentRevision", done ? revision : current)
        .put("updateRevision", revision)
        .put("collisionCount", 0);
  }
}
