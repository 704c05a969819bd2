package sh.kaito.api.provision;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.immutables.value.Value;

/**
 * Optional capability of a {@link NodeProvisioner}: it can take over nodes that the Go operator
 * bought for a Workspace, and hand nodes over to it. Neither buys or ends a node. A provisioner
 * without it leaves Workspaces of the Go operator alone.
 *
 * <p>The engine keeps the order: it takes over ({@link #adopt}) before it writes down which slot
 * has which name, and passes these names on from then on ({@link NodeSetSpec#adoptedNames()}).
 * Until they are written nothing is wanted of the set. So a crash between any two requests is
 * followed by the same survey, which finds what is marked already.
 *
 * <p>Stages complete normally, also when a request was refused or got no answer: a failure is a
 * value. Thread-safe.
 */
public interface NodeHandover {

  /** Looks, live, at what was bought for this owner under the Go operator's labels. */
  CompletionStage<Survey> survey(NodeSetKey key);

  /**
   * Looks, live, at the claims alone: of an owner that was taken over, before more is bought for it
   * and before its nodes count as gone. Claims with the marks of another owner are not among them.
   * It needs no right beyond those of a release.
   */
  CompletionStage<Survey> surveyClaims(NodeSetKey key);

  /**
   * Marks nodes as those of the owner's slots. Each write is valid only for the object as it was
   * surveyed. Idempotent.
   *
   * @param slots all nodes of a survey that are taken over, by the slot that each fills
   * @return why it was not done; empty when all are marked
   */
  CompletionStage<Optional<ProvisionFailure>> adopt(NodeSetKey key, Map<NodeSlot, FoundNode> slots);

  /**
   * Takes the marks of this library off what it has for the owner, and forgets the set. What the Go
   * operator knows its nodes by is left, or put there; so is what the workload's pods select Nodes
   * by, the label {@code java.kaito.sh/owner-uid}: a pod that is replaced must find its Node.
   * Idempotent.
   *
   * <p>Nothing is done while a purchase is under way, or may still arrive: its claim would come
   * with our marks when nobody looks for them any more. That is a failure of kind {@link
   * ProvisionFailure.Kind#CONFLICT}.
   *
   * @return why it was not done; empty when no other mark is left, by a live look
   */
  CompletionStage<Optional<ProvisionFailure>> handBack(NodeSetKey key);

  /**
   * Why the Go operator could not go on with nodes of this provisioner; empty when it can. Pure.
   */
  Optional<String> handBackProblem();

  /** What a look has found. Immutable. */
  @Value.Immutable
  @SpiStyle
  interface Survey {

    /** Starts a survey. */
    static Builder builder() {
      return new Builder();
    }

    /** What could be taken over, oldest first, whether or not it is marked already. */
    List<FoundNode> nodes();

    /** What stands in the way, for a person: nodes that this provisioner cannot take over, say. */
    List<String> problems();

    /** Why the look did not succeed; then the rest says nothing. */
    Optional<ProvisionFailure> failure();

    /** Builds a survey. */
    final class Builder extends ImmutableSurvey.Builder {
      Builder() {}
    }
  }

  /** One claim that was bought for the owner. Immutable. */
  @Value.Immutable
  @SpiStyle
  interface FoundNode {

    /** Starts a node. */
    static Builder builder() {
      return new Builder();
    }

    /** Name of the claim. */
    String name();

    String uid();

    /** {@code metadata.resourceVersion} at the time of the look. */
    String resourceVersion();

    /** Cloud name of the machine size. */
    String instanceType();

    /** Name of its Node, once that has joined. */
    Optional<String> nodeName();

    /** When it was requested. */
    Instant createdAt();

    /** Whether it is on its way out. */
    boolean isDeleting();

    /** The slot that it fills already, by its marks or because this library named it. */
    Optional<NodeSlot> slot();

    /** Whether it carries the marks of that slot, so that nothing is left to be done to it. */
    @Value.Default
    default boolean isMarked() {
      return false;
    }

    /** Builds a node; every value that is not optional is required. */
    final class Builder extends ImmutableFoundNode.Builder {
      Builder() {}
    }
  }
}
