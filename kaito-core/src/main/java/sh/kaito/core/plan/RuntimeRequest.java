package sh.kaito.core.plan;

import java.util.Map;
import java.util.Optional;
import org.immutables.value.Value;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;

/** What the choice of a serving runtime depends on. Immutable. */
@Value.Immutable
@PlanStyle
public interface RuntimeRequest {
  /** The model. */
  ModelPreset preset();

  /** The GPUs of a node; absent when unknown. */
  Optional<GpuShape> gpus();

  /** The instance type of the nodes, for messages. */
  Optional<String> instanceType();

  /** The runtime that a running workload has; it is kept. */
  Optional<ServingRuntime> pinned();

  /** Value of the annotation {@code kaito.sh/runtime}. */
  Optional<String> annotation();

  /** Whether the user supplies the model image ({@code accessMode: private}). */
  @Value.Default
  default boolean privateImage() {
    return false;
  }

  /** Strength by adapter name, as written; adapters without strength are left out. */
  Map<String, String> adapterStrengths();

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link RuntimeRequest}. Not thread-safe. */
  final class Builder extends ImmutableRuntimeRequest.Builder {
    Builder() {}
  }
}
