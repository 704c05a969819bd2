package sh.kaito.api.provision;

import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Cloud name of the machine size, such as {@code Standard_NC24ads_A100_v4}. */
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
