package sh.kaito.core.catalog;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/** A size of virtual machine with accelerators that a cloud sells. Immutable. */
@Value.Immutable
@CatalogStyle
public interface InstanceType {
  /** Name in the spelling of the cloud, such as {@code Standard_NC6s_v3}. */
  String name();

  /** Other names under which tables list the same size. */
  List<String> alsoKnownAs();

  /** Who sells it. */
  CloudProvider cloud();

  /** Its GPUs. */
  GpuShape gpu();

  /** Whether a local NVMe disk can hold the weights. */
  @Value.Default
  default boolean nvme() {
    return false;
  }

  /**
   * Whether the newest release of the source no longer lists the size. The cloud may still sell it.
   */
  @Value.Default
  default boolean retired() {
    return false;
  }

  /** What to use instead of a retired size. */
  Optional<String> successor();

  /** Where the figures come from. */
  Provenance provenance();

  /** What was decided where sources disagree. */
  Optional<String> note();

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds an {@link InstanceType}. Not thread-safe. */
  final class Builder extends ImmutableInstanceType.Builder {
    Builder() {}
  }
}
