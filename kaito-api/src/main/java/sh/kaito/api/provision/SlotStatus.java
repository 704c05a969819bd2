package sh.kaito.api.provision;

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

  /** Name of what was requested: the claim, the pool. */
  String requestName();

  /** Name of the Node, once it has joined. */
  Optional<String> nodeName();

  /**
   * Whether what was requested has been seen to exist and is gone without having been released: the
   * node is lost, and only a higher epoch may replace it.
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

  /** Builds a status. */
  final class Builder extends ImmutableSlotStatus.Builder {
    Builder() {}
  }
}
