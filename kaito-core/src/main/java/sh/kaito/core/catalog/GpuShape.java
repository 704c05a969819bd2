package sh.kaito.core.catalog;

import java.util.Optional;
import java.util.OptionalDouble;
import org.immutables.value.Value;

/**
 * The GPUs of one node, as far as sizing and the choice of a runtime need them. Immutable.
 *
 * <p>Memory is in GiB (2^30 bytes) per GPU. The nominal figure is the vendor's; the usable one is
 * what a process was measured to be able to allocate.
 */
@Value.Immutable
@CatalogStyle
public interface GpuShape {
  /** Product name, such as {@code NVIDIA A100}. */
  String product();

  /** GPUs per node. */
  int count();

  /** Nominal memory of one GPU, GiB. */
  double memoryGiB();

  /** Measured usable memory of one GPU, GiB; absent where nobody measured it. */
  OptionalDouble usableMemoryGiB();

  /** NVIDIA compute capability; absent when unknown or not an NVIDIA GPU. */
  Optional<ComputeCapability> computeCapability();

  /** MIG profile when each "GPU" is a slice of one, such as {@code 1g.10gb}. */
  Optional<String> migProfile();

  /** Whether pods can ask for these GPUs as {@code nvidia.com/gpu}. */
  @Value.Derived
  default boolean nvidia() {
    return product().startsWith("NVIDIA") || computeCapability().isPresent();
  }

  /** Whether one model may be spread over several of these; a MIG slice stands alone. */
  @Value.Derived
  default boolean canSpan() {
    return migProfile().isEmpty();
  }

  /** Counts and figures must be possible. */
  @Value.Check
  default void check() {
    if (count() < 1 || !(memoryGiB() > 0)) {
      throw new IllegalArgumentException(
          "GPU shape " + product() + ": count must be at least 1 and memory more than 0 GiB");
    }
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link GpuShape}. Not thread-safe. */
  final class Builder extends ImmutableGpuShape.Builder {
    Builder() {}
  }
}
