package sh.kaito.api.model;

import java.util.Map;
import org.immutables.value.Value;

/** Benchmark results ({@code status.performance}); v1beta1. Immutable. */
@Value.Immutable
@ModelStyle
public abstract class WorkspacePerformance {

  WorkspacePerformance() {}

  /** Results by name; the Go operator writes {@code peakTokensPerMinute}. */
  public abstract Map<String, PerformanceMetric> metrics();

  /** Fields of {@code status.performance} that this library does not know. */
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

  /** Builds a {@link WorkspacePerformance}. Not thread-safe. */
  public static final class Builder extends ImmutableWorkspacePerformance.Builder {
    Builder() {}
  }
}
