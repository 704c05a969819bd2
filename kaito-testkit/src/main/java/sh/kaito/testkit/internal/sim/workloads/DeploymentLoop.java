package sh.kaito.testkit.internal.sim.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;

/** The Deployment controller: one ReplicaSet for each template, RollingUpdate and Recreate. */
public final class DeploymentLoop {
  private static final String HASH = "pod-template-hash";
  private static final String REVISION = "deployment.kubernetes.io/revision";

  private final SimCluster cluster;
  private final ObjectCache deployments;
  private final ObjectCache sets;
  private final ObjectCache pods;

  /** Indexes ReplicaSets and pods by owner, which all controllers need. */
  public static void index(SimCluster cluster) {
    cluster.watch(Kind.REPLICA_SET).index(WorkloadCaches.BY_OWNER, WorkloadCaches::owner);
    cluster.watch(Kind.POD).index(WorkloadCaches.BY_OWNER, WorkloadCaches::owner);
  }

  /** What it owns must be indexed by {@link #index}. */
  public DeploymentLoop(SimCluster cluster) {
    this.cluster = cluster;
    this.deployments = cluster.watch(Kind.DEPLOYMENT);
    this.sets = cluster.watch(Kind.REPLICA_SET);
    this.pods = cluster.watch(Kind.POD);
    KeyedLoop loop = new KeyedLoop("simulated-deployment-controller", cluster, this::decide);
    WorkloadCaches.wakeSelf(deployments, loop);
    WorkloadCaches.wakeOwner(sets, Kind.DEPLOYMENT, loop);
  }

  /** A Deployment and its ReplicaSets at one moment. */
  private record View(JsonNode deployment, @Nullable JsonNode current, List<JsonNode> old) {
    int wanted() {
      return deployment.path("spec").path("replicas").asInt(1);
    }

    List<JsonNode> all() {
      List<JsonNode> result = new ArrayList<>(old);
      if (current != null) {
        result.add(current);
      }
      return result;
    }

    int sum(String field) {
      return all().stream().mapToInt(set -> set.path("status").path(field).asInt(0)).sum();
    }
  }

  private static int specReplicas(JsonNode set) {
    return set.path("spec").path("replicas").asInt(0);
  }

  private static int available(JsonNode set) {
    return set.path("status").path("availableReplicas").asInt(0);
  }

  private Step decide(String key) {
    JsonNode deployment = deployments.get(key);
    if (deployment == null || Objects.isDeleting(deployment)) {
      return Step.idle();
    }
    String hash = PodTemplates.hash(deployment.path("spec").path("template"));
    JsonNode current = null;
    List<JsonNode> old = new ArrayList<>();
    for (JsonNode set : sets.find(WorkloadCaches.BY_OWNER, Objects.uid(deployment))) {
      if (hash.equals(Objects.labels(set).get(HASH))) {
        current = set;
      } else if (!Objects.isDeleting(set)) {
        old.add(set);
      }
    }
    old.sort(Comparator.comparingLong(DeploymentLoop::revision));
    View view = new View(deployment, current, old);
    Step step =
        Objects.text(deployment, "spec", "strategy", "type").equals("Recreate")
            ? recreate(view, hash)
            : roll(view, hash);
    if (step != null) {
      return step;
    }
    step = tidy(view);
    return step == null ? report(view, hash) : step;
  }

  private static long revision(JsonNode object) {
    return object.path("metadata").path("annotations").path(REVISION).asLong(0);
  }

  /** All old pods are gone before the first new one comes. */
  private @Nullable Step recreate(View view, String hash) {
    for (JsonNode set : view.old()) {
      if (specReplicas(set) > 0) {
        return scale(set, 0);
      }
    }
    boolean podsLeft =
        view.old().stream()
            .flatMap(set -> pods.find(WorkloadCaches.BY_OWNER, Objects.uid(set)).stream())
            .anyMatch(pod -> !PodTemplates.isTerminal(pod));
    if (podsLeft) {
      return null;
    }
    if (view.current() == null) {
      return Requests.create(Kind.REPLICA_SET, replicaSet(view, hash, view.wanted()));
    }
    return specReplicas(view.current()) == view.wanted()
        ? null
        : scale(view.current(), view.wanted());
  }

  /** Never more pods than surge allows, never fewer available than unavailability allows. */
  private static @Nullable Step roll(View view, String hash) {
    int wanted = view.wanted();
    int surge = share(view.deployment(), "maxSurge", wanted, true);
    int unavailable = unavailable(view.deployment(), wanted);
    int oldReplicas = view.old().stream().mapToInt(DeploymentLoop::specReplicas).sum();
    int room = Math.max(0, wanted + surge - oldReplicas);
    if (view.current() == null) {
      return Requests.create(Kind.REPLICA_SET, replicaSet(view, hash, Math.min(wanted, room)));
    }
    int now = specReplicas(view.current());
    int next = now > wanted ? wanted : Math.max(now, Math.min(wanted, room));
    if (next != now) {
      return scale(view.current(), next);
    }
    // Old pods that do not serve go at once, others as far as enough remain.
    int enough = wanted - unavailable;
    int spare = available(view.current()) - enough;
    for (JsonNode set : view.old()) {
      spare += available(set);
    }
    for (JsonNode set : view.old()) {
      int replicas = specReplicas(set);
      int idle = Math.max(0, replicas - available(set));
      int fewer = Math.min(replicas, idle + Math.max(0, Math.min(spare, available(set))));
      if (replicas > 0 && fewer > 0) {
        return scale(set, replicas - fewer);
      }
    }
    return null;
  }

  private static int unavailable(JsonNode deployment, int wanted) {
    int surge = share(deployment, "maxSurge", wanted, true);
    int unavailable = share(deployment, "maxUnavailable", wanted, false);
    return surge == 0 && unavailable == 0 ? 1 : unavailable;
  }

  private static int share(JsonNode deployment, String field, int of, boolean up) {
    JsonNode value = deployment.path("spec").path("strategy").path("rollingUpdate").path(field);
    if (value.isInt()) {
      return value.asInt();
    }
    String text = value.asText("25%");
    int percent = text.matches("\\d{1,6}%") ? Integer.parseInt(text.replace("%", "")) : 25;
    return up ? (of * percent + 99) / 100 : of * percent / 100;
  }

  private static Step scale(JsonNode set, int replicas) {
    return Requests.patchSpec(Kind.REPLICA_SET, set, Objects.object().put("replicas", replicas));
  }

  private static ObjectNode replicaSet(View view, String hash, int replicas) {
    JsonNode deployment = view.deployment();
    long revision = view.old().stream().mapToLong(DeploymentLoop::revision).max().orElse(0) + 1;
    ObjectNode set =
        Objects.object()
            .put("apiVersion", Kind.REPLICA_SET.apiVersion())
            .put("kind", Kind.REPLICA_SET.kindName());
    ObjectNode metadata =
        set.putObject("metadata")
            .put("name", Objects.name(deployment) + "-" + hash)
            .put("namespace", Objects.namespace(deployment));
    JsonNode template = deployment.path("spec").path("template");
    ObjectNode labels = metadata.putObject("labels");
    Objects.labels(template).forEach(labels::put);
    labels.put(HASH, hash);
    metadata
        .putObject("annotations")
        .put("deployment.kubernetes.io/desired-replicas", "" + view.wanted())
        .put(REVISION, "" + revision);
    metadata.putArray("ownerReferences").add(Objects.ownerReference(Kind.DEPLOYMENT, deployment));
    ObjectNode spec = set.putObject("spec").put("replicas", replicas);
    ObjectNode selector = deployment.path("spec").path("selector").deepCopy();
    selector.withObjectProperty("matchLabels").put(HASH, hash);
    spec.set("selector", selector);
    ObjectNode hashed = template.deepCopy();
    hashed.withObjectProperty("metadata").withObjectProperty("labels").put(HASH, hash);
    spec.set("template", hashed);
    return set;
  }

  /** The revision annotation, and old empty sets beyond the history limit. */
  private static @Nullable Step tidy(View view) {
    if (view.current() == null) {
      return null;
    }
    long revision = revision(view.current());
    long newest = view.old().stream().mapToLong(DeploymentLoop::revision).max().orElse(0);
    if (revision <= newest) {
      // A rollback: the old set becomes the newest.
      return annotate(Kind.REPLICA_SET, view.current(), newest + 1);
    }
    if (revision(view.deployment()) != revision) {
      return annotate(Kind.DEPLOYMENT, view.deployment(), revision);
    }
    int limit = view.deployment().path("spec").path("revisionHistoryLimit").asInt(10);
    List<JsonNode> empty =
        view.old().stream()
            .filter(set -> specReplicas(set) == 0)
            .filter(set -> set.path("status").path("replicas").asInt(0) == 0)
            .toList();
    return empty.size() > limit ? Requests.delete(Kind.REPLICA_SET, empty.get(0)) : null;
  }

  private static Step annotate(Kind kind, JsonNode object, long revision) {
    ObjectNode metadata = Objects.object();
    metadata.putObject("annotations").put(REVISION, "" + revision);
    return Requests.patchMetadata(kind, object, metadata, false);
  }

  private Step report(View view, String hash) {
    JsonNode deployment = view.deployment();
    int wanted = view.wanted();
    int replicas = view.sum("replicas");
    int ready = view.sum("readyReplicas");
    int available = view.sum("availableReplicas");
    int updated =
        view.current() == null ? 0 : view.current().path("status").path("replicas").asInt(0);
    boolean complete = updated == wanted && replicas == wanted && available == wanted;
    ObjectNode status =
        Objects.object()
            .put("observedGeneration", deployment.path("metadata").path("generation").asLong())
            .put("replicas", replicas)
            .put("updatedReplicas", updated)
            .put("readyReplicas", ready)
            .put("availableReplicas", available)
            .put("unavailableReplicas", Math.max(0, wanted - available));
    Instant now = cluster.now();
    boolean moved = !Objects.says(deployment.path("status"), status);
    boolean enough = available >= wanted - unavailable(deployment, wanted);
    var conditions = status.putArray("conditions");
    conditions.add(
        condition(
            deployment,
            "Available",
            enough,
            enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough
                ? "Deployment has minimum availability."
                : "Deployment does not have minimum availability.",
            now));
    JsonNode before = Objects.condition(deployment, "Progressing");
    Duration limit =
        Duration.ofSeconds(deployment.path("spec").path("progressDeadlineSeconds").asLong(600));
    Instant due =
        moved || before == null
            ? now.plus(limit)
            : Objects.instant(Objects.text(before, "lastUpdateTime")).orElse(now).plus(limit);
    boolean late = !complete && !now.isBefore(due);
    String set = "ReplicaSet \"" + Objects.name(deployment) + "-" + hash + "\"";
    ObjectNode progressing =
        condition(
            deployment,
            "Progressing",
            !late,
            complete
                ? "NewReplicaSetAvailable"
                : late ? "ProgressDeadlineExceeded" : "ReplicaSetUpdated",
            set
                + (complete
                    ? " has successfully progressed."
                    : late ? " has timed out progressing." : " is progressing."),
            now);
    conditions.add(progressing);
    for (JsonNode condition : deployment.path("status").path("conditions")) {
      String type = condition.path("type").asText();
      if (!type.equals("Available") && !type.equals("Progressing")) {
        conditions.add(condition);
      }
    }
    if (!Objects.says(deployment.path("status"), status)) {
      return Requests.patchStatus(Kind.DEPLOYMENT, deployment, status);
    }
    return complete || late ? Step.idle() : Step.wake(due);
  }

  private static ObjectNode condition(
      JsonNode deployment, String type, boolean holds, String reason, String message, Instant now) {
    JsonNode before = Objects.condition(deployment, type);
    String status = holds ? "True" : "False";
    boolean same = before != null && Objects.text(before, "status").equals(status);
    return Objects.object()
        .put("type", type)
        .put("status", status)
        .put("reason", reason)
        .put("message", message)
        .put("lastUpdateTime", Objects.time(now))
        .put(
            "lastTransitionTime",
            same && before != null
                ? Objects.text(before, "lastTransitionTime")
                : Objects.time(now));
  }
}
