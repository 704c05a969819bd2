package sh.kaito.api.model;

import io.kubernetes.client.openapi.models.V1Volume;
import java.util.Optional;
import org.immutables.value.Value;

/** Where the result of tuning goes ({@code tuning.output}): volume or image. Immutable. */
@Value.Immutable
@ModelStyle
public abstract class DataDestination {

  DataDestination() {}

  /**
   * A volume to write to ({@code volumeSource}); the {@code name} of the {@link V1Volume} stays
   * unset.
   */
  public abstract Optional<V1Volume> volumeSource();

  /** The image reference to push the adapter to. */
  public abstract Optional<String> image();

  /**
   * Name of one Secret of type {@code kubernetes.io/dockerconfigjson}; required with {@link
   * #image()}. A single string on the wire, unlike {@code imagePullSecrets}.
   */
  public abstract Optional<String> imagePushSecret();

  /** Fields of {@code tuning.output} that this library does not know. */
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

  /** Builds a {@link DataDestination}. Not thread-safe. */
  public static final class Builder extends ImmutableDataDestination.Builder {
    Builder() {}
  }
}
