package sh.kaito.api.provision;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.immutables.value.Value;

/** A pool as the cloud showed it. Immutable. */
@Value.Immutable
@SpiStyle
public interface PoolView {

  /** What the cloud is doing with a pool. */
  enum State {
    /** Being made. */
    CREATING,
    /** Being changed. */
    UPDATING,
    /** Nothing is going on, and the last operation worked. */
    SUCCEEDED,
    /** The last operation failed; machines may exist all the same. */
    FAILED,
    /** Being removed. */
    DELETING,
    /** Stopped: it exists, and its machines do not run. */
    STOPPED,
    /** A word that the driver does not know; {@link #providerState} has it. */
    OTHER
  }

  /** Starts a view. */
  static Builder builder() {
    return new Builder();
  }

  String name();

  State state();

  /** The cloud's own word for the state. */
  String providerState();

  /** Number of machines that the cloud wants the pool to have. */
  int count();

  String instanceType();

  Map<String, String> labels();

  Map<String, String> tags();

  /** What a conditional write names, such as an ETag; empty where the cloud has none. */
  String version();

  /** When it was made, where the cloud or a tag tells. */
  Optional<Instant> createdAt();

  /** Builds a view. */
  final class Builder extends ImmutablePoolView.Builder {
    Builder() {}
  }
}
