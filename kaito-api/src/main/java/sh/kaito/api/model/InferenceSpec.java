package sh.kaito.api.model;

import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/** Serve a model ({@code inference}): exactly one of preset and template. Immutable. */
@Value.Immutable
@ModelStyle
public abstract class InferenceSpec {

  InferenceSpec() {}

  /** A built-in model recipe ({@code inference.preset}). Fixed at creation. */
  public abstract Optional<PresetSpec> preset();

  /**
   * The user's own pod ({@code inference.template}). Cannot be added or removed later; a later
   * change of its content does not reach a running workload of the Go operator.
   */
  @Value.Redacted
  public abstract Optional<V1PodTemplateSpec> template();

  /**
   * ConfigMap in the namespace of the Workspace whose key {@value KaitoApi#INFERENCE_CONFIG_KEY}
   * holds settings of the model server ({@code inference.config}).
   */
  public abstract Optional<String> config();

  /** LoRA adapters ({@code inference.adapters}), at most 10, with distinct names. */
  public abstract List<AdapterSpec> adapters();

  /** Fields of {@code inference} that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds an {@link InferenceSpec}. Not thread-safe. */
  public static final class Builder extends ImmutableInferenceSpec.Builder {
    Builder() {}

    /** A preset of that name and nothing else. */
    public Builder preset(String name) {
      return preset(PresetSpec.named(name));
    }
  }
}
