package sh.kaito.api.provision;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.immutables.value.Value;

/**
 * The Nodes of the cluster as the host's cache knows them. Thread-safe; each answer is an immutable
 * snapshot.
 */
public interface NodeView {

  /** Whether the cache is complete. */
  boolean isSynced();

  /** The Node of that name. */
  Optional<NodeInfo> byName(String name);

  /** All Nodes that carry the label with this value. */
  Collection<NodeInfo> byLabel(String key, String value);

  /** All Nodes of the cluster. */
  Collection<NodeInfo> all();

  /**
   * Asks to be told of each Node that was added, changed or removed, with the newest state known of
   * it; a removed one with its last. A hint: the view itself is what counts. Called on any thread
   * until the view's owner is closed; must return at once.
   */
  void onChange(Consumer<NodeInfo> listener);

  /** The few facts of a Node that decisions need. */
  @Value.Immutable
  @SpiStyle
  interface NodeInfo {

    /** Starts a node. */
    static Builder builder() {
      return new Builder();
    }

    String name();

    String uid();

    Map<String, String> labels();

    /** {@code spec.providerID}; empty until the cloud has set it. */
    String providerId();

    /** Whether condition {@code Ready} is {@code True}. */
    boolean isReady();

    /**
     * {@code lastTransitionTime} of condition {@code Ready}: since when it is, or is not, Ready;
     * empty where there is no such condition.
     */
    Optional<Instant> readyChangedAt();

    /** {@code metadata.creationTimestamp}: when it joined. */
    Optional<Instant> createdAt();

    /** {@code spec.unschedulable}: somebody has cordoned the Node. */
    @Value.Default
    default boolean isUnschedulable() {
      return false;
    }

    /** The annotations below {@code java.kaito.sh/}; others are not kept. */
    Map<String, String> annotations();

    /** Whether the Node is being deleted. */
    boolean isDeleting();

    /** {@code status.allocatable} of the extended resources, as whole numbers. */
    Map<String, Long> allocatable();

    /** Taints on the Node. */
    List<NodeConstraints.Taint> taints();

    /** Builds a node. */
    final class Builder extends ImmutableNodeInfo.Builder {
      Builder() {}
    }
  }
}
