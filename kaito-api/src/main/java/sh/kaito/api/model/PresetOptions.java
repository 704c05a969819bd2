package sh.kaito.api.model;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/** Image and secrets of a preset ({@code presetOptions}). Immutable. */
@Value.Immutable
@ModelStyle
public abstract class PresetOptions {
  static final PresetOptions EMPTY = builder().build();

  PresetOptions() {}

  /** The user's own model image, with {@code accessMode: private}. Deprecated in v1beta1. */
  public abstract Optional<String> image();

  /** Names of Secrets for pulling {@link #image()}. Deprecated in v1beta1. */
  public abstract List<String> imagePullSecrets();

  /**
   * Name of a Secret in the same namespace whose key {@value KaitoApi#MODEL_ACCESS_SECRET_KEY}
   * holds a Hugging Face token. v1beta1 only.
   */
  public abstract Optional<String> modelAccessSecret();

  /** Fields of {@code presetOptions} that this library does not know. */
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

  /** Builds {@link PresetOptions}. Not thread-safe. */
  public static final class Builder extends ImmutablePresetOptions.Builder {
    Builder() {}
  }
}
