package sh.kaito.api.provision;

import java.time.Instant;
import java.util.Optional;
import org.immutables.value.Value;

/** What is known of one slot. Immutable. */
@Value.Immutable
@SpiStyle
public interface SlotStatus {

  /** Starts a status. */
  static Builder builder() {
    return new Builder();
  }

  NodeSlot slot();

  NodePhase phase();

  /** Name of what was requested: the claim, the pool, the Node. */
  String requestName();

  /** Name of the Node, once it has joined. */
  Optional<String> nodeName();

  /**
   * Whether what was requested has existed and is gone without having been released: the node is
   * lost, and only a higher epoch may replace it.
   */
  @Value.Default
  default boolean isLost() {
    return false;
  }

  /** What it waits for or why it failed, for a person; empty when ready. */
  @Value.Default
  default String message() {
    return "";
  }

  /** When it entered its phase, by a time that was persisted; empty where none was. */
  Optional<Instant> phaseSince();

  /** When its phase should be over at the latest; empty where it has no deadline. */
  Optional<Instant> deadline();

  /** Whether the deadline had passed when this status was taken. */
  @Value.Default
  default boolean isOverdue() {
    return false;
  }

  /**
   * Not before this instant is anything requested for the slot: a back-off, or a pause of its
   * instance type. Empty: nothing holds it back.
   */
  Optional<Instant> nextTry();

  /** Why it does not go on, where it does not; a passed deadline is one reason. */
  Optional<ProvisionFailure> failure();

  /** Builds a status. */
  final class Builder extends ImmutableSlotStatus.Builder {
    Builder() {}
  }
}
