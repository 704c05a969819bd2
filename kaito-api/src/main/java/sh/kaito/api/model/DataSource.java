package sh.kaito.api.model;

import io.kubernetes.client.openapi.models.V1Volume;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * Where data comes from ({@code inference.adapters[].source}, {@code tuning.input}): exactly one of
 * URLs, volume and image. Immutable.
 */
@Value.Immutable
@ModelStyle
public abstract class DataSource {

  DataSource() {}

  /**
   * Name of the adapter or data set. Required for adapters, where it also names a directory and an
   * environment variable; of a tuning input optional and fixed at creation.
   */
  public abstract Optional<String> name();

  /** {@code http} or {@code https} URLs to download; tuning input only. */
  @Value.Redacted
  public abstract List<String> urls();

  /**
   * A volume that holds the data ({@code volumeSource}); the {@code name} of the {@link V1Volume}
   * stays unset.
   */
  public abstract Optional<V1Volume> volumeSource();

  /** An image that holds the data below {@code /data}. */
  public abstract Optional<String> image();

  /** Names of Secrets for pulling {@link #image()}. */
  public abstract List<String> imagePullSecrets();

  /** Fields of the source that this library does not know. */
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

  /** Builds a {@link DataSource}. Not thread-safe. */
  public static final class Builder extends ImmutableDataSource.Builder {
    Builder() {}
  }
}
