package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * Everything that a decision about one Workspace rests on: one immutable snapshot from the caches.
 *
 * @param memory what this process remembers beyond the caches
 * @param children objects of the Workspace's name that could be its children, by kind
 */
record Observation(
    ObservedWorkspace workspace,
    Intent intent,
    NodeSetStatus nodes,
    Map<ResourceType, ObservedChild> children,
    List<ObservedPod> pods,
    Memory memory) {

  Observation {
    children = Map.copyOf(children);
    pods = List.copyOf(pods);
  }

  Optional<ObservedChild> child(ResourceType type) {
    return Optional.ofNullable(children.get(type));
  }

  /**
   * What this process remembers of a Workspace.
   *
   * @param ownedFromBirth it put the first finalizer on, so no earlier leader can have bought
   * @param ensured the provisioner was told in this process what is wanted, so that its status is
   *     more than a guess
   * @param releaseFrom from when on a proof of absence counts, once the release has begun
   * @param obstacle why an object could not be written the last time; empty when all could
   */
  record Memory(
      boolean ownedFromBirth, boolean ensured, Optional<Instant> releaseFrom, String obstacle) {
    static final Memory NONE = new Memory(false, false, Optional.empty(), "");
  }

  /**
   * The Workspace as the cache has it.
   *
   * @param status the raw status block; a missing node when there is none
   */
  record ObservedWorkspace(
      sh.kaito.api.model.WorkspaceKey key,
      String apiVersion,
      String uid,
      String resourceVersion,
      long generation,
      boolean deleting,
      List<String> finalizers,
      Map<String, String> annotations,
      JsonNode status) {}

  /**
   * A Service, Deployment, StatefulSet or Job.
   *
   * @param ownerUid uid of the controlling owner; empty when it has none
   * @param pinned annotation {@code java.kaito.sh/pinned}; empty when there is none
   * @param replicas wanted number of pods; 0 for kinds without
   */
  record ObservedChild(
      String name,
      String uid,
      String resourceVersion,
      String ownerUid,
      boolean deleting,
      String inputHash,
      String renderedHash,
      String pinned,
      long generation,
      long observedGeneration,
      int replicas,
      int updatedReplicas,
      int readyReplicas) {

    /**
     * Whether the controller of the kind has seen the current generation and all pods are ready.
     */
    boolean isRolledOut() {
      return observedGeneration >= generation
          && readyReplicas >= replicas
          && updatedReplicas >= replicas;
    }
  }

  /**
   * A pod of the Workspace.
   *
   * @param trouble what keeps it from being ready, for a person; empty when nothing is wrong
   * @param troubleReason the condition reason that goes with it
   */
  record ObservedPod(
      String name, boolean ready, boolean deleting, String troubleReason, String trouble) {}
}
