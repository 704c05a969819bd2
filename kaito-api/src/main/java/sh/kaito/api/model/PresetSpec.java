package sh.kaito.api.model;

import java.util.Optional;
import org.immutables.value.Value;

/** A model by name ({@code inference.preset}, {@code tuning.preset}). Immutable. */
@Value.Immutable
@ModelStyle
public abstract class PresetSpec {

  /** {@code accessMode} of a public model image; the default. */
  public static final String ACCESS_PUBLIC = "public";

  /** {@code accessMode} of an image that {@link PresetOptions#image()} names. */
  public static final String ACCESS_PRIVATE = "private";

  PresetSpec() {}

  /**
   * Preset name such as {@code phi-3-mini-4k-instruct}, or a model of Hugging Face as {@code
   * org/model}; required on the wire.
   */
  public abstract Optional<String> name();

  /**
   * {@value #ACCESS_PUBLIC} or {@value #ACCESS_PRIVATE}; the API server writes {@value
   * #ACCESS_PUBLIC} where it is missing. Deprecated in v1beta1.
   */
  public abstract Optional<String> accessMode();

  /** Image and secrets ({@code presetOptions}). Never null; absent and {@code {}} read alike. */
  @Value.Default
  public PresetOptions presetOptions() {
    return PresetOptions.EMPTY;
  }

  /** Fields of the preset that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** Whether the model's image is the user's own ({@code accessMode: private}). */
  public final boolean isPrivate() {
    return accessMode().filter(ACCESS_PRIVATE::equals).isPresent();
  }

  /** A preset with default access. */
  public static PresetSpec named(String name) {
    return builder().name(name).build();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link PresetSpec}. Not thread-safe. */
  public static final class Builder extends ImmutablePresetSpec.Builder {
    Builder() {}
  }
}
