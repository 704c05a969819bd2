package sh.kaito.testkit.internal.sim.scheduling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;

/**
 * Binds pods to nodes by node selector, required node affinity, taints and resources. Pod affinity,
 * topology spread, volumes, priorities and preemption are not looked at.
 */
public final class SchedulerLoop {
  /** Nodes by {@code key=value} of their labels. */
  private static final String BY_LABEL = "label";

  /** Pods by the name of their node. */
  public static final String BY_NODE = "node";

  private static final String ANY = "";
  private static final String SIMULATED = "java.kaito.sh/simulated";

  private final ObjectCache pods;
  private final ObjectCache nodes;
  private final KeyedLoop loop;
  private final Map<String, Set<String>> waiting = new HashMap<>();
  private final Map<String, String> anchors = new HashMap<>();

  /** Pods that are bound, or about to be, and whose watch event has not come: UID to node. */
  private final Map<String, Assumed> assumed = new LinkedHashMap<>();

  private final Map<String, Set<String>> assumedByNode = new HashMap<>();

  /** Whether there are nodes that are not simulated, and maybe a scheduler that is none of ours. */
  private final boolean shared;

  /** What this scheduler said of pods that fit nowhere: UID to message. */
  private final Map<String, String> told = new HashMap<>();

  private record Assumed(String node, Map<String, Long> requests) {}

  /** Indexes pods by node, which the kubelet needs as well. */
  public static void index(SimCluster cluster) {
    cluster.watch(Kind.POD).index(BY_NODE, SchedulerLoop::nodeName);
  }

  /**
   * Pods must be indexed by {@link #index}.
   *
   * @param shared whether only simulated nodes are used, and what another scheduler says of a pod
   *     stands: each would correct the other's words for ever
   */
  public SchedulerLoop(SimCluster cluster, boolean shared) {
    this.shared = shared;
    this.pods = cluster.watch(Kind.POD);
    this.nodes = cluster.watch(Kind.NODE).index(BY_LABEL, SchedulerLoop::labelPairs);
    this.loop = new KeyedLoop("simulated-scheduler", cluster, this::decide);
    pods.listen(this::podChanged);
    nodes.listen(
        (before, after) -> {
          if (after != null) {
            wakeFor(after);
          }
        });
  }

  private static List<String> nodeName(JsonNode pod) {
    String name = Objects.text(pod, "spec", "nodeName");
    return name.isEmpty() ? List.of() : List.of(name);
  }

  private static List<String> labelPairs(JsonNode node) {
    List<String> pairs = new ArrayList<>();
    Objects.labels(node).forEach((key, value) -> pairs.add(key + "=" + value));
    return pairs;
  }

  private static boolean isTerminal(JsonNode pod) {
    String phase = Objects.text(pod, "status", "phase");
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  private static boolean needsNode(JsonNode pod) {
    String scheduler = Objects.text(pod, "spec", "schedulerName");
    return Objects.text(pod, "spec", "nodeName").isEmpty()
        && !Objects.isDeleting(pod)
        && !isTerminal(pod)
        && pod.path("spec").path("schedulingGates").isEmpty()
        && (scheduler.isEmpty() || scheduler.equals("default-scheduler"));
  }

  private void podChanged(@Nullable JsonNode before, @Nullable JsonNode after) {
    if (after != null && needsNode(after)) {
      String key = Objects.key(after);
      if (!anchors.containsKey(key)) {
        String anchor = rarest(PodNeeds.requiredPairs(after));
        anchors.put(key, anchor);
        waiting.computeIfAbsent(anchor, a -> new LinkedHashSet<>()).add(key);
        loop.enqueue(key);
      }
      return;
    }
    JsonNode pod = after == null ? before : after;
    if (pod == null) {
      return;
    }
    forget(Objects.uid(pod));
    told.remove(Objects.uid(pod));
    String anchor = anchors.remove(Objects.key(pod));
    if (anchor != null) {
      Set<String> keys = waiting.get(anchor);
      if (keys != null && keys.remove(Objects.key(pod)) && keys.isEmpty()) {
        waiting.remove(anchor);
      }
    }
    // What ended gives room to others.
    boolean freed = after == null || isTerminal(after);
    JsonNode node = nodes.get(Objects.text(pod, "spec", "nodeName"));
    if (freed && node != null) {
      wakeFor(node);
    }
  }

  /** The pair that the fewest nodes carry; {@link #ANY} when the pod asks for none. */
  private String rarest(List<String> pairs) {
    String best = ANY;
    int fewest = Integer.MAX_VALUE;
    for (String pair : pairs) {
      int count = nodes.count(BY_LABEL, pair);
      if (count < fewest) {
        best = pair;
        fewest = count;
      }
    }
    return best;
  }

  private void wakeFor(JsonNode node) {
    wake(ANY);
    for (String pair : labelPairs(node)) {
      wake(pair);
    }
  }

  private void wake(String anchor) {
    Set<String> keys = waiting.get(anchor);
    if (keys != null) {
      List.copyOf(keys).forEach(loop::enqueue);
    }
  }

  private void assume(String uid, Assumed pod) {
    assumed.put(uid, pod);
    assumedByNode.computeIfAbsent(pod.node(), n -> new LinkedHashSet<>()).add(uid);
  }

  private void forget(String uid) {
    Assumed pod = assumed.remove(uid);
    if (pod != null) {
      Set<String> uids = assumedByNode.get(pod.node());
      if (uids != null && uids.remove(uid) && uids.isEmpty()) {
        assumedByNode.remove(pod.node());
      }
    }
  }

  private Step decide(String key) {
    JsonNode pod = pods.get(key);
    if (pod == null || !needsNode(pod) || assumed.containsKey(Objects.uid(pod))) {
      return Step.idle();
    }
    Map<String, Long> requests = PodNeeds.requests(pod);
    String pair = rarest(PodNeeds.requiredPairs(pod));
    Collection<JsonNode> candidates = pair.equals(ANY) ? nodes.all() : nodes.find(BY_LABEL, pair);
    Map<String, Integer> reasons = new TreeMap<>();
    JsonNode best = null;
    int bestLoad = Integer.MAX_VALUE;
    for (JsonNode node : candidates) {
      if (shared && !Objects.text(node, "metadata", "annotations", SIMULATED).equals("true")) {
        continue;
      }
      List<String> objections = objections(pod, requests, node);
      objections.forEach(reason -> reasons.merge(reason, 1, Integer::sum));
      int load = pods.count(BY_NODE, Objects.name(node));
      if (objections.isEmpty() && load < bestLoad) {
        best = node;
        bestLoad = load;
      }
    }
    if (best != null) {
      return bind(pod, requests, best);
    }
    int others = nodes.size() - candidates.size();
    if (others > 0) {
      reasons.merge("node(s) didn't match Pod's node affinity/selector", others, Integer::sum);
    }
    return unschedulable(pod, reasons);
  }

  private List<String> objections(JsonNode pod, Map<String, Long> requests, JsonNode node) {
    if (node.path("spec").path("unschedulable").asBoolean(false)) {
      return List.of("node(s) were unschedulable");
    }
    String taint = PodNeeds.untoleratedTaint(pod, node);
    if (!taint.isEmpty()) {
      return List.of("node(s) had untolerated taint " + taint);
    }
    if (!PodNeeds.matchesAffinity(pod, node)) {
      return List.of("node(s) didn't match Pod's node affinity/selector");
    }
    List<String> result = new ArrayList<>();
    requests.forEach(
        (resource, wanted) -> {
          String allocatable = Objects.text(node, "status", "allocatable", resource);
          long free = Quantity.milli(allocatable.isEmpty() ? "0" : allocatable);
          if (wanted > 0 && wanted > free - used(Objects.name(node), resource)) {
            result.add(resource.equals("pods") ? "Too many pods" : "Insufficient " + resource);
          }
        });
    return result;
  }

  private long used(String node, String resource) {
    long sum = 0;
    for (JsonNode pod : pods.find(BY_NODE, node)) {
      if (!isTerminal(pod)) {
        sum += PodNeeds.requests(pod).getOrDefault(resource, 0L);
      }
    }
    for (String uid : assumedByNode.getOrDefault(node, Set.of())) {
      Assumed pod = assumed.get(uid);
      sum += pod == null ? 0 : pod.requests().getOrDefault(resource, 0L);
    }
    return sum;
  }

  private Step bind(JsonNode pod, Map<String, Long> requests, JsonNode node) {
    String uid = Objects.uid(pod);
    assume(uid, new Assumed(Objects.name(node), requests));
    ObjectNode binding = Objects.object().put("apiVersion", "v1").put("kind", "Binding");
    binding
        .putObject("metadata")
        .put("name", Objects.name(pod))
        .put("namespace", Objects.namespace(pod))
        .put("uid", uid);
    binding
        .putObject("target")
        .put("apiVersion", "v1")
        .put("kind", "Node")
        .put("name", Objects.name(node));
    return new Step.Send(
        Kind.POD,
        KubeRequest.post(Kind.POD.path(pod) + "/binding", Objects.bytes(binding)).build(),
        () -> forget(uid));
  }

  private boolean isOfAnother(JsonNode pod, JsonNode condition) {
    return shared && !Objects.text(condition, "message").equals(told.get(Objects.uid(pod)));
  }

  private Step unschedulable(JsonNode pod, Map<String, Integer> reasons) {
    String all = "0/" + nodes.size() + " nodes are available: ";
    String message =
        nodes.size() == 0
            ? "no nodes available to schedule pods"
            : all
                + String.join(
                    ", ",
                    reasons.entrySet().stream()
                        .map(reason -> reason.getValue() + " " + reason.getKey())
                        .sorted()
                        .toList())
                + ". preemption: "
                + all
                + nodes.size()
                + " Preemption is not helpful for scheduling.";
    JsonNode before = Objects.condition(pod, "PodScheduled");
    if (before != null
        && Objects.text(before, "status").equals("False")
        && (Objects.text(before, "message").equals(message) || isOfAnother(pod, before))) {
      return Step.idle();
    }
    told.put(Objects.uid(pod), message);
    ObjectNode status = Objects.object();
    ArrayNode conditions = status.putArray("conditions");
    for (JsonNode condition : pod.path("status").path("conditions")) {
      if (!condition.path("type").asText().equals("PodScheduled")) {
        conditions.add(condition);
      }
    }
    conditions
        .addObject()
        .put("type", "PodScheduled")
        .put("status", "False")
        .put("reason", "Unschedulable")
        .put("message", message)
        .put(
            "lastTransitionTime",
            before != null && Objects.text(before, "status").equals("False")
                ? Objects.text(before, "lastTransitionTime")
                : Objects.text(pod, "metadata", "creationTimestamp"));
    return Requests.patchStatus(Kind.POD, pod, status);
  }
}
