package sh.kaito.core.plan;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ModelPreset;

/**
 * What a workspace will become: nodes, runtime, memory, images, objects, deadlines. A plan is a
 * value: making one buys nothing and asks no one. Immutable.
 */
@Value.Immutable
@PlanStyle
public non-sealed interface Plan extends PlanOutcome {
  /** Whose plan this is. */
  WorkspaceKey workspace();

  /** What the workspace does. */
  WorkloadKind workload();

  /** The nodes: how many, of which size, and why. */
  NodePlan nodes();

  /** The model; absent for a template. */
  Optional<ModelPreset> preset();

  /** The program that serves or tunes the model, and why; absent for a template. */
  Optional<RuntimeChoice> runtime();

  /** How the model lies on the GPUs. */
  @Value.Default
  default ParallelLayout layout() {
    return ParallelLayout.SINGLE;
  }

  /** The memory sum under vLLM. */
  Optional<Sizing> sizing();

  /** Declared or estimated needs, for every other runtime and for tuning. */
  Optional<MemoryCheck> memoryCheck();

  /** Image of the container that runs the model; absent for a template. */
  Optional<String> image();

  /** Artifact with the weights that the base image tunes; absent for everything else. */
  Optional<String> weightsImage();

  /** Name of the model in the OpenAI routes; absent where the server has none. */
  Optional<String> servedModelName();

  /** How to talk to the server; absent for templates and tuning. */
  Optional<HttpDialect> httpDialect();

  /** Size of the weights that are downloaded or baked into the image, bytes; 0 when unknown. */
  @Value.Default
  default long weightsBytes() {
    return 0;
  }

  /** Text of {@code inference_config.yaml} from which the plan was made, where one was given. */
  Optional<String> inferenceConfig();

  /** How long each phase may take. */
  Deadlines deadlines();

  /** How long each phase usually takes. */
  ExpectedTimes expectedTimes();

  /** What the machines cost; absent without a price, and where nodes are the user's. */
  Optional<PlannedPrice> price();

  /** Images of the small programs around the model; {@link #images} names those that are used. */
  @Value.Default
  default ToolImages tools() {
    return ToolImages.builder().build();
  }

  /** Every image that will be pulled. */
  List<PlannedImage> images();

  /** Every object that will be created. */
  List<PlannedObject> objects();

  /** What must already exist in the namespace. */
  List<PlannedReference> references();

  /** What its owner would want to know; all of severity warning. */
  List<Violation> warnings();

  /**
   * What to change in a manifest of an old release, so that it stays good; all of severity warning.
   * Empty for manifests of today.
   */
  List<Violation> migration();

  /** The plan for a person: plain text, lines of at most about 100 characters, no colour. */
  default String explain() {
    return PlanText.of(this);
  }

  /**
   * The plan for a program, as one JSON object. Sizes are in the unit that the field's name ends
   * with ({@code GiB}, {@code Bytes}), durations in seconds, amounts of money are decimal text;
   * fields without value are left out. The schema is {@code docs/reference/plan.schema.json} (JSON
   * Schema 2020-12); later releases may add fields.
   */
  default String toJson() {
    return PlanJson.of(this);
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link Plan}. Not thread-safe. */
  final class Builder extends ImmutablePlan.Builder {
    Builder() {}
  }
}
