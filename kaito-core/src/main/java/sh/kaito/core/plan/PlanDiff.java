package sh.kaito.core.plan;

import java.util.List;
import org.immutables.value.Value;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.validation.Violation;

/**
 * What happens when an existing workspace is changed: every changed field, classified, and the two
 * plans beside each other. A value: comparing changes nothing and asks no one. Immutable.
 *
 * <p>The classes of all fields stand in the page {@code docs/reference/changes.md}. They follow
 * what the engine does: a workload is replaced when the part of the workspace that it was made from
 * has changed, the bytes of the ConfigMap that a server is started with included, and never
 * otherwise; nodes are counted anew at that moment. A training that runs goes on whatever becomes
 * of its ConfigMap.
 *
 * <pre>{@code
 * PlanDiff diff = PlanDiff.of(before, after);
 * if (diff.effect() == ChangeEffect.REFUSED) {
 *   System.err.println(Violations.report(diff.violations()));
 * } else {
 *   System.out.println(diff.explain());
 * }
 * }</pre>
 */
@Value.Immutable
@PlanStyle
public interface PlanDiff {
  /** Whose change this is. */
  WorkspaceKey workspace();

  /** Every changed field, in the order of the document; empty where nothing changed. */
  List<FieldChange> changes();

  /** The plan before the change, or why there is none. */
  PlanOutcome before();

  /** The plan after the change, or why there is none. */
  PlanOutcome after();

  /** Why the change is refused: errors that it brings about. Empty where it is not refused. */
  List<Violation> violations();

  /** The largest effect of all changes. */
  @Value.Derived
  default ChangeEffect effect() {
    ChangeEffect largest = violations().isEmpty() ? ChangeEffect.NONE : ChangeEffect.REFUSED;
    for (FieldChange change : changes()) {
      largest = largest.or(change.effect());
    }
    return largest;
  }

  /**
   * Compares two states of one workspace with the library's own catalogues, buying from Azure.
   *
   * @throws IllegalArgumentException when they are not the same workspace
   */
  static PlanDiff of(Workspace before, Workspace after) {
    return of(Planner.builder().build(), before, PlanInputs.none(), after, PlanInputs.none());
  }

  /**
   * Compares two states of one workspace.
   *
   * @param planner makes the plans
   * @param before the workspace as stored
   * @param beforeInputs what was known around it; a pinned runtime or number of nodes counts for
   *     the state before the change, and no longer for the one after it
   * @param after the workspace as it shall become
   * @param afterInputs what is known around it
   * @throws IllegalArgumentException when they are not the same workspace
   */
  static PlanDiff of(
      Planner planner,
      Workspace before,
      PlanInputs beforeInputs,
      Workspace after,
      PlanInputs afterInputs) {
    return new PlanComparison(planner, before, beforeInputs, after, afterInputs).diff();
  }

  /** The changes for a person: plain text, no colour, ends with a line break. */
  default String explain() {
    return PlanDiffText.of(this);
  }

  /**
   * The changes for a program, as one JSON object: {@code schemaVersion} (1), {@code workspace},
   * {@code effect}, {@code changes} (each with {@code path}, {@code kind}, {@code before}, {@code
   * after}, {@code effect}, {@code reason}), {@code nodes} ({@code before} and {@code after}),
   * {@code violations}. Fields without value are left out. Later releases may add fields.
   */
  default String toJson() {
    return PlanDiffJson.of(this);
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link PlanDiff}. Not thread-safe. */
  final class Builder extends ImmutablePlanDiff.Builder {
    Builder() {}
  }
}
