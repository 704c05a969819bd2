package sh.kaito.api.provision;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/** What is known of a set of nodes. Immutable. */
@Value.Immutable
@SpiStyle
public interface NodeSetStatus {

  /** Starts a status. */
  static Builder builder() {
    return new Builder();
  }

  NodePhase phase();

  /** One entry for each slot that is wanted or still exists, in order of index and epoch. */
  List<SlotStatus> slots();

  /** Number of slots that are wanted. */
  @Value.Default
  default int wanted() {
    return (int) slots().stream().filter(slot -> slot.phase() != NodePhase.RELEASING).count();
  }

  /** Number of slots for which something exists in the cloud or is being made there. */
  default int requested() {
    return (int) slots().stream().filter(slot -> isRequested(slot.phase())).count();
  }

  private static boolean isRequested(NodePhase phase) {
    return switch (phase) {
      case CREATING, JOINING, INITIALIZING, READY, RELEASING -> true;
      case PENDING, BLOCKED, GONE -> false;
    };
  }

  /** Number of slots whose Node has joined, ready or not. */
  default int joined() {
    return (int) slots().stream().filter(slot -> slot.nodeName().isPresent()).count();
  }

  /** Names of all Nodes that have joined, ready or not, sorted. */
  default List<String> nodeNames() {
    return slots().stream().flatMap(slot -> slot.nodeName().stream()).sorted().toList();
  }

  /** Number of slots whose node is ready with its GPUs. */
  default int ready() {
    return (int) slots().stream().filter(slot -> slot.phase() == NodePhase.READY).count();
  }

  /** Why it does not go on, where it does not. */
  Optional<ProvisionFailure> failure();

  /** When the engine should look again although nothing changed, such as at a deadline. */
  Optional<Instant> nextLook();

  /** Builds a status. */
  final class Builder extends ImmutableNodeSetStatus.Builder {
    Builder() {}
  }
}
