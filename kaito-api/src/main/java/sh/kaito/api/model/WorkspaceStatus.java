package sh.kaito.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.immutables.value.Value;

/**
 * What the controller observed ({@code status}). {@code state}, {@code targetNodeCount} and {@code
 * performance} exist in v1beta1 only. Immutable.
 */
@Value.Immutable
@ModelStyle
public abstract class WorkspaceStatus {
  static final WorkspaceStatus EMPTY = builder().build();

  WorkspaceStatus() {}

  /** Names of the nodes of this Workspace ({@code status.workerNodes}), sorted. */
  public abstract List<String> workerNodes();

  /** Conditions ({@code status.conditions}), at most one of each type. */
  public abstract List<WorkspaceCondition> conditions();

  /** {@code status.state} as written; {@link #workspaceState()} is its meaning. */
  public abstract Optional<String> state();

  /** Wanted number of GPU nodes ({@code status.targetNodeCount}). */
  public abstract OptionalInt targetNodeCount();

  /** Benchmark results ({@code status.performance}). */
  public abstract Optional<WorkspacePerformance> performance();

  /** Fields of {@code status} that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** The condition of that type. */
  public final Optional<WorkspaceCondition> condition(String type) {
    for (WorkspaceCondition condition : conditions()) {
      if (condition.type().equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }

  /** The condition of that type. */
  public final Optional<WorkspaceCondition> condition(ConditionType type) {
    return condition(type.wireName());
  }

  /** Whether the condition of that type stands on {@code True}. */
  public final boolean isTrue(ConditionType type) {
    return condition(type).filter(WorkspaceCondition::isTrue).isPresent();
  }

  /** {@link #state()}; empty where it is absent or unknown. */
  public final Optional<WorkspaceState> workspaceState() {
    return state().flatMap(WorkspaceState::of);
  }

  /**
   * The same status with that condition, in place of the one of its type or at the end. The caller
   * decides about {@code lastTransitionTime}.
   */
  public final WorkspaceStatus withCondition(WorkspaceCondition condition) {
    List<WorkspaceCondition> changed = new ArrayList<>(conditions());
    for (int i = 0; i < changed.size(); i++) {
      if (changed.get(i).type().equals(condition.type())) {
        changed.set(i, condition);
        return toBuilder().conditions(changed).build();
      }
    }
    changed.add(condition);
    return toBuilder().conditions(changed).build();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link WorkspaceStatus}. Not thread-safe. */
  public static final class Builder extends ImmutableWorkspaceStatus.Builder {
    Builder() {}

    /** The state, spelled as the wire has it. */
    public Builder state(WorkspaceState state) {
      return state(state.wireName());
    }
  }
}
