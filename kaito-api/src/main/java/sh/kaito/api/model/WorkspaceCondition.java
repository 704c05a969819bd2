package sh.kaito.api.model;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.immutables.value.Value;

/**
 * One entry of {@code status.conditions}, the standard Kubernetes condition. The API server demands
 * all fields but {@link #observedGeneration()}. Immutable.
 */
@Value.Immutable
@ModelStyle
public abstract class WorkspaceCondition {

  WorkspaceCondition() {}

  /** The type; {@link ConditionType} lists those in use. Unique within a status. */
  public abstract String type();

  /** Whether the condition holds. */
  public abstract ConditionStatus status();

  /**
   * Why, for programs: letters, digits and {@code _,:}, at most 1024. {@link ConditionReasons}
   * lists those in use. Empty where a server sent none.
   */
  @Value.Default
  public String reason() {
    return "";
  }

  /** Why, for people; at most 32,768 characters. */
  @Value.Default
  public String message() {
    return "";
  }

  /** When {@link #status()} last changed; the wire keeps whole seconds. */
  public abstract Optional<Instant> lastTransitionTime();

  /** {@code metadata.generation} that this condition speaks about. */
  public abstract OptionalLong observedGeneration();

  /** Fields of the condition that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** Whether {@link #status()} is {@code True}. */
  public final boolean isTrue() {
    return status() == ConditionStatus.TRUE;
  }

  /** An empty builder; type and status are required. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link WorkspaceCondition}. Not thread-safe. */
  public static final class Builder extends ImmutableWorkspaceCondition.Builder {
    Builder() {}

    /** The type, spelled as the wire has it. */
    public Builder type(ConditionType type) {
      return type(type.wireName());
    }
  }
}
