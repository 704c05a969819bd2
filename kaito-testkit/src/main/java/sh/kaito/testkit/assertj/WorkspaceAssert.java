package sh.kaito.testkit.assertj;

import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import sh.kaito.api.model.ConditionStatus;
import sh.kaito.api.model.ConditionType;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceCondition;
import sh.kaito.api.model.WorkspaceState;

/** Assertions about a Workspace. Failures show all of its conditions. */
public final class WorkspaceAssert extends AbstractAssert<WorkspaceAssert, Workspace> {

  WorkspaceAssert(Workspace actual) {
    super(actual, WorkspaceAssert.class);
  }

  /** There is a condition of that type, whatever its status. */
  public WorkspaceAssert hasCondition(String type) {
    condition(type);
    return this;
  }

  /**
   * The condition of that type has that status.
   *
   * @param status {@code True}, {@code False} or {@code Unknown}
   */
  public WorkspaceAssert hasCondition(String type, String status) {
    WorkspaceCondition condition = condition(type);
    ConditionStatus wanted = ConditionStatus.of(status);
    if (!wanted.wireName().equals(status)) {
      throw new IllegalArgumentException(
          "status: found \"" + status + "\", allowed are True, False, Unknown");
    }
    if (condition.status() != wanted) {
      failWithMessage(
          "%s: expected condition %s to be %s, but it is %s (%s: %s).%n%s",
          actual.key(),
          type,
          wanted.wireName(),
          condition.status().wireName(),
          condition.reason(),
          condition.message(),
          conditions());
    }
    return this;
  }

  /** As {@link #hasCondition(String, String)}. */
  public WorkspaceAssert hasCondition(ConditionType type, ConditionStatus status) {
    return hasCondition(type.wireName(), status.wireName());
  }

  /** There is no condition of that type, or it is not True. */
  public WorkspaceAssert hasNotCondition(String type) {
    isNotNull();
    Optional<WorkspaceCondition> found = actual.status().condition(type);
    if (found.isPresent() && found.get().isTrue()) {
      failWithMessage(
          "%s: expected condition %s not to be True, but it is (%s: %s).%n%s",
          actual.key(), type, found.get().reason(), found.get().message(), conditions());
    }
    return this;
  }

  /** The condition of that type gives that reason. */
  public WorkspaceAssert hasReason(String type, String reason) {
    WorkspaceCondition condition = condition(type);
    if (!condition.reason().equals(reason)) {
      failWithMessage(
          "%s: expected condition %s with reason %s, but it is %s, %s: %s.%n%s",
          actual.key(),
          type,
          reason,
          condition.status().wireName(),
          condition.reason(),
          condition.message(),
          conditions());
    }
    return this;
  }

  /** It serves, or its tuning succeeded: condition {@code WorkspaceSucceeded} is True. */
  public WorkspaceAssert isReady() {
    return hasCondition(ConditionType.WORKSPACE_SUCCEEDED, ConditionStatus.TRUE);
  }

  /** {@code status.state} is this. */
  public WorkspaceAssert hasState(WorkspaceState state) {
    isNotNull();
    Optional<WorkspaceState> found = actual.status().workspaceState();
    if (!found.equals(Optional.of(state))) {
      failWithMessage(
          "%s: expected state %s, but it is %s.%n%s",
          actual.key(), state, found.map(WorkspaceState::toString).orElse("not set"), conditions());
    }
    return this;
  }

  /** {@code status.workerNodes} are so many. */
  public WorkspaceAssert hasWorkerNodes(int count) {
    isNotNull();
    List<String> nodes = actual.status().workerNodes();
    if (nodes.size() != count) {
      failWithMessage(
          "%s: expected %s worker nodes, but there are %s: %s.%n%s",
          actual.key(), count, nodes.size(), nodes, conditions());
    }
    return this;
  }

  private WorkspaceCondition condition(String type) {
    isNotNull();
    Optional<WorkspaceCondition> found = actual.status().condition(type);
    if (found.isEmpty()) {
      failWithMessage(
          "%s: expected a condition %s, but there is none.%n%s", actual.key(), type, conditions());
    }
    return found.orElseThrow();
  }

  private String conditions() {
    StringBuilder text = new StringBuilder("Its conditions:");
    List<WorkspaceCondition> all = actual.status().conditions();
    if (all.isEmpty()) {
      return text.append(" none; no operator has reported yet, is one running?").toString();
    }
    for (WorkspaceCondition condition : all) {
      text.append(
          String.format(
              "%n  %-24s %-8s %s: %s",
              condition.type(),
              condition.status().wireName(),
              condition.reason(),
              condition.message()));
    }
    return text.toString();
  }
}
