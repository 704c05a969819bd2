package sh.kaito.testkit;

import org.immutables.value.Value;

/** What a simulated machine offers to pods. Immutable. */
@Value.Immutable
@Value.Style(
    visibility = Value.Style.ImplementationVisibility.PACKAGE,
    overshadowImplementation = true)
public interface NodeShape {

  /** Starts a shape; everything has a default. */
  static Builder builder() {
    return new Builder();
  }

  /** CPUs as a Kubernetes quantity. */
  @Value.Default
  default String cpu() {
    return "24";
  }

  /** Memory as a Kubernetes quantity. */
  @Value.Default
  default String memory() {
    return "220Gi";
  }

  /** Local disk as a Kubernetes quantity. */
  @Value.Default
  default String ephemeralStorage() {
    return "1Ti";
  }

  /** Pods that fit. */
  @Value.Default
  default int pods() {
    return 110;
  }

  /** How many {@code nvidia.com/gpu} it offers; 0 for a machine without GPU. */
  @Value.Default
  default int gpus() {
    return 0;
  }

  /** Value of the node label {@code nvidia.com/gpu.product}; empty leaves the label out. */
  @Value.Default
  default String gpuProduct() {
    return "";
  }

  /**
   * Memory of one GPU in MiB, for the node label {@code nvidia.com/gpu.memory}; 0 leaves it out.
   */
  @Value.Default
  default long gpuMemoryMib() {
    return 0;
  }

  /** Builds a shape. Not thread-safe. */
  final class Builder extends ImmutableNodeShape.Builder {
    Builder() {}
  }
}
