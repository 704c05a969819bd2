package sh.kaito.api.model;

import java.util.Optional;
import java.util.OptionalInt;
import org.immutables.value.Value;

/**
 * A part of a node's GPUs ({@code resource.partition}); v1beta1, bring-your-own nodes. Fixed at
 * creation. Immutable.
 */
@Value.Immutable
@ModelStyle
public abstract class GpuPartition {

  /** {@code mode} of one NVIDIA MIG slice, named by {@link #profile()}. */
  public static final String MODE_MIG = "mig";

  /** {@code mode} of {@link #count()} whole GPUs of a larger node. */
  public static final String MODE_ACCELERATOR = "accelerator";

  GpuPartition() {}

  /** {@value #MODE_MIG} or {@value #MODE_ACCELERATOR}; required on the wire. */
  public abstract Optional<String> mode();

  /**
   * MIG profile such as {@code 1g.10gb} (one compute slice, 10 GB of memory); becomes the extended
   * resource {@code nvidia.com/mig-1g.10gb}. Mode {@value #MODE_MIG} only.
   */
  public abstract Optional<String> profile();

  /** Whole GPUs, at least 1. Mode {@value #MODE_ACCELERATOR} only. */
  public abstract OptionalInt count();

  /** Fields of {@code resource.partition} that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** One MIG slice of that profile. */
  public static GpuPartition mig(String profile) {
    return builder().mode(MODE_MIG).profile(profile).build();
  }

  /** That many whole GPUs. */
  public static GpuPartition accelerator(int count) {
    return builder().mode(MODE_ACCELERATOR).count(count).build();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link GpuPartition}. Not thread-safe. */
  public static final class Builder extends ImmutableGpuPartition.Builder {
    Builder() {}
  }
}
