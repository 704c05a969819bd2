package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetStatus;

/**
 * Everything that a decision about one Workspace rests on: one immutable snapshot from the caches.
 *
 * @param children what the Workspace owns, and what stands where its children are to stand
 * @param memory what this process remembers beyond the caches
 * @param operation who runs it, and which way it goes
 * @param handoverProblem why the provisioner cannot do what the operation asks for; empty when it
 *     can
 */
record Observation(
    ObservedWorkspace workspace,
    Intent intent,
    NodeSetStatus nodes,
    Map<ChildKey, ObservedChild> children,
    List<ObservedPod> pods,
    Memory memory,
    Operation operation,
    String handoverProblem) {

  Observation {
    children = Map.copyOf(children);
    pods = List.copyOf(pods);
  }

  Optional<ObservedChild> child(ChildKey key) {
    return Optional.ofNullable(children.get(key));
  }

  /**
   * Whether that many nodes are ready with their GPUs. A set that was ready for less is not: it
   * knows nothing of the rest yet.
   */
  boolean areNodesReady(int count) {
    return nodes.phase() == NodePhase.READY && nodes.ready() >= count;
  }

  /** The workload that this library made for the Workspace, if one is there. */
  Optional<ObservedChild> workload() {
    return children.values().stream()
        .filter(child -> child.ownerUid().equals(workspace.uid()) && !child.marks().isForeign())
        .filter(child -> !child.marks().pinned().isEmpty())
        .findFirst();
  }

  /** What is known of the end of a Job: its own words, and those of the program that failed. */
  String endOf(ObservedChild job) {
    String said = job.job().map(JobProgress::message).orElse("");
    return pods.stream()
        .filter(pod -> pod.ownerUid().equals(job.uid()) && !pod.trouble().isNone())
        .findFirst()
        .map(pod -> said + "; pod " + pod.name() + ": " + pod.trouble().message())
        .orElse(said);
  }

  /**
   * What this process remembers of a Workspace.
   *
   * @param ownedFromBirth it put the first finalizer on, so no earlier leader can have bought
   * @param ensured the provisioner was told in this process what is wanted, so that its status is
   *     more than a guess
   * @param releaseFrom from when on a proof of absence counts, once the release has begun
   * @param obstacle why an object could not be written the last time; empty when all could
   * @param missing which Secret was not there when the nodes were to be bought; empty when all were
   * @param refusal why the Workspace could not change hands the last time; empty when nothing stood
   *     in the way
   * @param warnings what is known to stand in the way of the pods, for a person; empty when nothing
   * @param hold why nothing may be bought now; empty while it may
   * @param settled by child: hash of the observed specification that the engine's own last write
   *     led to; an observed specification of that hash has not drifted, whatever a comparison says
   */
  record Memory(
      boolean ownedFromBirth,
      boolean ensured,
      Optional<Instant> releaseFrom,
      String obstacle,
      String missing,
      String refusal,
      String warnings,
      String hold,
      Map<ChildKey, String> settled) {

    Memory {
      settled = Map.copyOf(settled);
    }

    static final Memory NONE =
        new Memory(false, false, Optional.empty(), "", "", "", "", "", Map.of());
  }

  /**
   * The Workspace as the cache has it.
   *
   * @param status the raw status block; a missing node when there is none
   */
  record ObservedWorkspace(
      WorkspaceKey key,
      String apiVersion,
      String uid,
      String resourceVersion,
      long generation,
      boolean deleting,
      List<String> finalizers,
      Map<String, String> labels,
      Map<String, String> annotations,
      JsonNode status) {

    /**
     * Whether the wish of the user is the same, for sure: {@code generation} moves with each change
     * of the specification, and of annotations all but the engine's own count.
     */
    boolean asksTheSameAs(ObservedWorkspace other) {
      return generation == other.generation
          && uid.equals(other.uid)
          && apiVersion.equals(other.apiVersion)
          && labels.equals(other.labels)
          && asked().equals(other.asked());
    }

    /** The annotations without the engine's own, which every purchase changes. */
    Map<String, String> asked() {
      if (!annotations.containsKey(Decide.LEDGER)) {
        return annotations;
      }
      Map<String, String> asked = new TreeMap<>(annotations);
      asked.remove(Decide.LEDGER);
      return asked;
    }

    /** One condition as it was written last; a missing node when it never was. */
    JsonNode condition(String type) {
      for (JsonNode condition : status.path("conditions")) {
        if (condition.path("type").asText().equals(type)) {
          return condition;
        }
      }
      return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    /** Whether a condition stands at {@code True}. */
    boolean isTrue(String type) {
      return condition(type).path("status").asText().equals("True");
    }
  }

  /**
   * A Service, ConfigMap, Deployment, StatefulSet or Job.
   *
   * @param ownerUid uid of the controlling owner; empty when it has none
   * @param rollout how far its controller is
   * @param job counters, of a Job alone
   * @param spec what the object says ({@code spec}, or {@code data} of a ConfigMap) as JSON text;
   *     empty for objects that this library did not make
   */
  record ObservedChild(
      ChildKey key,
      String uid,
      String resourceVersion,
      String ownerUid,
      boolean deleting,
      Marks marks,
      Rollout rollout,
      Optional<JobProgress> job,
      Said spec) {

    ObservedChild(
        ChildKey key,
        String uid,
        String resourceVersion,
        String ownerUid,
        boolean deleting,
        Marks marks,
        Rollout rollout,
        Optional<JobProgress> job,
        String spec) {
      this(key, uid, resourceVersion, ownerUid, deleting, marks, rollout, job, new Said(spec));
    }

    /** Hash of {@link #spec}. */
    String specHash() {
      return spec.hash();
    }
  }

  /** A JSON text whose hash is asked for in every round, and worked out once. */
  static final class Said {
    static final Said NOTHING = new Said("");

    private final String text;
    private volatile String hash = "";

    Said(String text) {
      this.text = text;
    }

    boolean isEmpty() {
      return text.isEmpty();
    }

    /** SHA-256; empty of an empty text. */
    String hash() {
      if (hash.isEmpty() && !text.isEmpty()) {
        hash = Hashes.sha256(text);
      }
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Said said && said.text.equals(text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }

    /** The text. */
    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * The annotations that this library puts on what it makes.
   *
   * @param inputHash hash of what the user asked for
   * @param renderedHash hash of what was made of it
   * @param pinned the resolved choices; empty on what is no workload. Of a workload of the Go
   *     operator, those that it shows
   */
  record Marks(String inputHash, String renderedHash, String pinned) {
    static final Marks NONE = new Marks("", "", "");

    /** Whether somebody else made the object. */
    boolean isForeign() {
      return inputHash.isEmpty();
    }
  }

  /**
   * How far the controller of a kind is.
   *
   * @param replicas wanted number of pods; 0 for kinds without
   */
  record Rollout(
      long generation,
      long observedGeneration,
      int replicas,
      int updatedReplicas,
      int readyReplicas) {
    /** Of kinds that are there as soon as they exist. */
    static final Rollout IMMEDIATE = new Rollout(0, 0, 0, 0, 0);

    /** Whether the controller has seen the current generation and all pods are ready. */
    boolean isDone() {
      return observedGeneration >= generation
          && readyReplicas >= replicas
          && updatedReplicas >= replicas;
    }
  }

  /**
   * How far a Job is.
   *
   * @param end {@code Complete} or {@code Failed} once it has ended; empty before
   * @param message what the condition of its end says
   */
  record JobProgress(int active, int ready, String end, String message) {
    boolean isComplete() {
      return end.equals("Complete");
    }

    boolean isFailed() {
      return end.equals("Failed");
    }
  }

  /**
   * A pod of the Workspace.
   *
   * @param ownerUid uid of the ReplicaSet, StatefulSet or Job that made it; empty when none did
   * @param mainStarted the container that does the work has started at least once
   * @param scheduled when the scheduler found a node for it
   * @param initialized when its images were there and its init containers were done
   * @param trouble what keeps it from being ready; {@link Trouble#NONE} when nothing is wrong
   */
  record ObservedPod(
      String name,
      String ownerUid,
      boolean ready,
      boolean deleting,
      boolean mainStarted,
      Optional<Instant> scheduled,
      Optional<Instant> initialized,
      Trouble trouble) {}

  /**
   * What a pod's status complains of.
   *
   * @param reason condition reason; empty when nothing is wrong
   * @param message for a person
   */
  record Trouble(String reason, String message) {
    static final Trouble NONE = new Trouble("", "");

    boolean isNone() {
      return reason.isEmpty();
    }
  }
}
