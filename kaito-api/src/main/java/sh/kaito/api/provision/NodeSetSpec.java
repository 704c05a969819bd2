package sh.kaito.api.provision;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.immutables.value.Value;

/** Which nodes an owner wants. Immutable. */
@Value.Immutable
@SpiStyle
public interface NodeSetSpec {

  /** Starts a specification. */
  static Builder builder() {
    return new Builder();
  }

  /** Whose nodes. */
  NodeSetKey key();

  /** One entry for each wanted node. */
  List<NodeSlot> slots();

  /**
   * Those of {@link #slots()} of which the owner's persisted state proves that their purchase took
   * effect: their Node once joined, say. When a live look finds nothing of such a slot it is
   * reported as {@link SlotStatus#isLost() lost}; it is never bought again at the same epoch, also
   * by a process that never saw it. Other slots that are absent were never bought.
   */
  Set<NodeSlot> knownSlots();

  /**
   * Names of those of {@link #slots()} that were taken over from another operator, which has named
   * what it bought in its own way; all others are named by {@link NodeNames}. What is listed here
   * was bought, so it is among {@link #knownSlots()} too.
   */
  Map<NodeSlot, String> adoptedNames();

  /**
   * Cloud name of the machine size, such as {@code Standard_NC24ads_A100_v4}; empty where the owner
   * names none, which is of meaning only where nodes are not bought.
   */
  String instanceType();

  /** Labels that the nodes must carry, from the owner's selector. */
  Map<String, String> labels();

  /** Node resource that holds the GPUs, such as {@code nvidia.com/gpu}. */
  @Value.Default
  default String gpuResource() {
    return "nvidia.com/gpu";
  }

  /** GPUs that one node must show as allocatable before it counts as ready. */
  int gpusPerNode();

  /** Size of the disk as a Kubernetes quantity, such as {@code 50Gi}. */
  String storage();

  /** {@code ubuntu} or {@code azurelinux}, where the owner asks for one. */
  Optional<String> imageFamily();

  /**
   * Names of Nodes to take before others, best first; only of meaning where nodes are not bought.
   */
  List<String> preferredNodes();

  /** How long each stage of a node may take before it is reported. */
  @Value.Default
  default NodeDeadlines deadlines() {
    return NodeDeadlines.defaults();
  }

  /**
   * Whether something may be bought now: set by the engine when the owner was just seen alive by a
   * live read or by the answer of its own write.
   */
  boolean purchaseAllowed();

  /** Number of wanted nodes. */
  default int count() {
    return slots().size();
  }

  /** Builds a specification; every value without default is required. */
  final class Builder extends ImmutableNodeSetSpec.Builder {
    Builder() {}
  }
}
