package sh.kaito.core.plan;

import java.time.Duration;
import org.immutables.value.Value;

/** How long each phase may take before it counts as failed. Immutable. */
@Value.Immutable
@PlanStyle
public interface Deadlines {
  /** The cloud makes the machine. */
  @Value.Default
  default Duration machineCreated() {
    return Duration.ofMinutes(30);
  }

  /** The machine joins the cluster as a Node. */
  @Value.Default
  default Duration nodeRegistered() {
    return Duration.ofMinutes(15);
  }

  /** The device plugin reports the GPUs. */
  @Value.Default
  default Duration gpuAllocatable() {
    return Duration.ofMinutes(10);
  }

  /** The image is pulled. */
  @Value.Default
  default Duration imagePulled() {
    return Duration.ofMinutes(20);
  }

  /** Weights are downloaded and loaded, and the server answers its health check. */
  @Value.Default
  default Duration modelReady() {
    return Duration.ofMinutes(30);
  }

  /** All phases together. */
  @Value.Derived
  default Duration total() {
    return machineCreated()
        .plus(nodeRegistered())
        .plus(gpuAllocatable())
        .plus(imagePulled())
        .plus(modelReady());
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link Deadlines}. Not thread-safe. */
  final class Builder extends ImmutableDeadlines.Builder {
    Builder() {}
  }
}
