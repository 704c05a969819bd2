package sh.kaito.core.validation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.api.validation.WorkspaceRules;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.PlanRefusal;
import sh.kaito.core.plan.Planner;

/**
 * The one door to every rule about workspaces. Immutable and safe for any thread.
 *
 * <p>Answers hold errors, which refuse the workspace, and warnings, which do not; both carry line
 * and column where the workspace was read from text. Rules are named as in {@code
 * docs/decisions/validation-differences.md}.
 *
 * <p>Deletion, a change of the status alone and a change of metadata alone are never refused: an
 * object that no longer satisfies a rule must still be able to lose its finalizer.
 */
public final class WorkspaceValidator {
  private final Planner planner;

  private WorkspaceValidator(Planner planner) {
    this.planner = planner;
  }

  /** Rules with the library's own presets and instance types, buying from Azure. */
  public static WorkspaceValidator standard() {
    return of(Planner.builder().build());
  }

  /** Rules with the presets, instance types and settings of a planner. */
  public static WorkspaceValidator of(Planner planner) {
    return new WorkspaceValidator(planner);
  }

  /** Violations of a workspace that is about to be created. */
  public List<Violation> validateCreate(Workspace workspace) {
    return validateCreate(workspace, PlanInputs.none());
  }

  /**
   * Violations of a workspace that is about to be created, with what is known around it: the texts
   * of its ConfigMaps and the labels of the nodes that it selects.
   */
  public List<Violation> validateCreate(Workspace workspace, PlanInputs inputs) {
    List<Violation> violations = new ArrayList<>(WorkspaceRules.validateCreate(workspace));
    addNew(violations, catalogue(workspace, inputs));
    return located(workspace, violations);
  }

  /** Violations of a change. */
  public List<Violation> validateUpdate(Workspace before, Workspace after) {
    return validateUpdate(before, after, PlanInputs.none());
  }

  /**
   * Violations of a change, with what is known around the changed workspace. What the catalogues
   * already objected to before the change is not held against it, because a preset or an instance
   * type may have left the catalogue meanwhile.
   */
  public List<Violation> validateUpdate(Workspace before, Workspace after, PlanInputs inputs) {
    List<Violation> violations = new ArrayList<>(WorkspaceRules.validateUpdate(before, after));
    if (after.isDeleting() || sameSpec(before, after)) {
      return violations;
    }
    Set<String> known =
        catalogue(before, inputs).stream()
            .map(WorkspaceValidator::identity)
            .collect(Collectors.toSet());
    addNew(
        violations,
        catalogue(after, inputs).stream()
            .filter(violation -> !known.contains(identity(violation)))
            .toList());
    return located(after, violations);
  }

  /** Whether at most metadata and status changed. */
  private static boolean sameSpec(Workspace before, Workspace after) {
    return before.resource().equals(after.resource())
        && before.inference().equals(after.inference())
        && before.tuning().equals(after.tuning());
  }

  private List<Violation> catalogue(Workspace workspace, PlanInputs inputs) {
    List<Violation> violations = new ArrayList<>();
    PlanOutcome outcome = planner.plan(workspace, inputs);
    if (outcome instanceof Plan plan) {
      violations.addAll(plan.warnings());
    } else {
      violations.addAll(((PlanRefusal) outcome).violations());
    }
    violations.addAll(TrainingConfigRules.check(workspace, inputs));
    return violations;
  }

  /** Structural rules come first; what they already said about a place is not said again. */
  private static void addNew(List<Violation> violations, List<Violation> more) {
    List<Violation> structural = List.copyOf(violations);
    for (Violation violation : more) {
      if (structural.stream().noneMatch(said -> covers(said, violation))) {
        violations.add(violation);
      }
    }
  }

  private static boolean covers(Violation said, Violation violation) {
    boolean sameRule = said.rule().isPresent() && said.rule().equals(violation.rule());
    return said.path().equals(violation.path())
        ? sameRule || said.isError() || !violation.isError()
        : sameRule && violation.path().startsWith(said.path());
  }

  private static String identity(Violation violation) {
    return violation.severity()
        + violation.rule().orElse("")
        + violation.path()
        + violation.message();
  }

  /** With positions and in the order of the text, where the workspace was read from one. */
  private static List<Violation> located(Workspace workspace, List<Violation> violations) {
    if (workspace.source().isEmpty()) {
      return List.copyOf(violations);
    }
    List<Violation> located =
        new ArrayList<>(Violations.locatedIn(workspace.source().get(), violations));
    located.sort(
        Comparator.comparingInt((Violation v) -> v.location().map(SourceLocation::line).orElse(0))
            .thenComparingInt(v -> v.location().map(SourceLocation::column).orElse(0)));
    return List.copyOf(located);
  }
}
