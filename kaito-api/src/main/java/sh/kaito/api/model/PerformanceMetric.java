package sh.kaito.api.model;

import java.util.Map;
import java.util.Optional;
import org.immutables.value.Value;

/** One benchmark result ({@code status.performance.metrics[name]}). Immutable. */
@Value.Immutable
@ModelStyle
public abstract class PerformanceMetric {

  PerformanceMetric() {}

  /** The load pattern, such as {@code stress/high-concurrency}; required on the wire. */
  public abstract Optional<String> description();

  /** The figure, a decimal number <em>as a string</em>; required on the wire. */
  public abstract Optional<String> value();

  /** The unit of the figure, such as {@code tokens/min}. */
  public abstract Optional<String> unit();

  /**
   * Settings of the run: {@code durationSec}, {@code engine}, {@code maxConcurrency} and others.
   */
  public abstract Map<String, String> config();

  /** Fields of the metric that this library does not know. */
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

  /** Builds a {@link PerformanceMetric}. Not thread-safe. */
  public static final class Builder extends ImmutablePerformanceMetric.Builder {
    Builder() {}
  }
}
