package sh.kaito.core.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.immutables.value.Value;
import sh.kaito.core.catalog.ServingRuntime;

/** What a plan depends on besides the workspace; all of it optional. Immutable. */
@Value.Immutable
@PlanStyle
public interface PlanInputs {
  /** Nothing but the workspace. */
  static PlanInputs none() {
    return builder().build();
  }

  /**
   * Text under key {@code inference_config.yaml} of the ConfigMap that {@code inference.config}
   * names. Without it defaults are assumed, and the plan says so.
   */
  Optional<String> inferenceConfig();

  /**
   * Text under key {@code training_config.yaml} of the ConfigMap that {@code tuning.config} names.
   */
  Optional<String> trainingConfig();

  /**
   * Labels of each of the user's nodes that the workspace selects; for bring-your-own. Absent when
   * nobody looked, empty when there is none.
   */
  Optional<List<Map<String, String>>> nodeLabels();

  /** The runtime of the workload that already runs; it is kept. */
  Optional<ServingRuntime> pinnedRuntime();

  /** The image of the workload that already runs; it is kept, unless the user names his own. */
  Optional<String> pinnedImage();

  /** The number of nodes that were already decided on; it is kept. */
  OptionalInt pinnedNodeCount();

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link PlanInputs}. Not thread-safe. */
  final class Builder extends ImmutablePlanInputs.Builder {
    Builder() {}
  }
}
