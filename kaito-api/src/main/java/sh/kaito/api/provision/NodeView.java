package sh.kaito.api.provision;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
