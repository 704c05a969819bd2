package sh.kaito.api.model;

import java.util.Optional;
import org.immutables.value.Value;

/** Fine-tune a model ({@code tuning}). Immutable. */
@Value.Immutable
@ModelStyle
public abstract class TuningSpec {

  TuningSpec() {}

  /** The base model; required. Fixed at creation. */
  public abstract Optional<PresetSpec> preset();

  /** The method as written; {@link #tuningMethod()} is its meaning. Fixed at creation. */
  public abstract Optional<String> method();

  /**
   * ConfigMap in the namespace of the Workspace whose key {@value KaitoApi#TRAINING_CONFIG_KEY}
   * holds the training settings; none means the defaults of the method.
   */
  public abstract Optional<String> config();

  /** Training data; required on the wire. */
  public abstract Optional<DataSource> input();

  /** Where the result goes; required on the wire. */
  public abstract Optional<DataDestination> output();

  /** Fields of {@code tuning} that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** {@link #method()} without regard to case; empty for an unknown method. */
  public final Optional<TuningMethod> tuningMethod() {
    return method().flatMap(TuningMethod::of);
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link TuningSpec}. Not thread-safe. */
  public static final class Builder extends ImmutableTuningSpec.Builder {
    Builder() {}

    /** The method, spelled as the wire has it. */
    public Builder method(TuningMethod method) {
      return method(method.wireName());
    }

    /** A preset of that name and nothing else. */
    public Builder preset(String name) {
      return preset(PresetSpec.named(name));
    }
  }
}
