package sh.kaito.api.provision;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.immutables.value.Value;

/** A pool of equal machines that is to exist. Immutable. */
@Value.Immutable
@SpiStyle
public interface PoolSpec {

  /** Starts a specification. */
  static Builder builder() {
    return new Builder();
  }

  /** Name of the pool; by {@link NodeNames#of}. */
  String name();

  /** Number of machines. */
  int count();

  /** Cloud name of the machine size. */
  String instanceType();

  /** Labels that the Nodes carry from their first second on. */
  Map<String, String> labels();

  /** Taints that the Nodes carry from their first second on. */
  List<NodeConstraints.Taint> taints();

  /** Tags on the cloud's own resource, by which it is found without Kubernetes. */
  Map<String, String> tags();

  /** Size of the disk as a Kubernetes quantity, such as {@code 50Gi}. */
  String storage();

  /** {@code ubuntu} or {@code azurelinux}, where the owner asks for one. */
  Optional<String> imageFamily();

  /** Builds a specification. */
  final class Builder extends ImmutablePoolSpec.Builder {
    Builder() {}
  }
}
