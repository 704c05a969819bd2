package sh.kaito.core.plan;

import java.util.List;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;

/**
 * There is no plan.
 *
 * @param violations every reason, at least one
 */
public record PlanRefusal(List<Violation> violations) implements PlanOutcome {
  public PlanRefusal {
    violations = List.copyOf(violations);
  }

  /** One line for each reason. */
  @Override
  public String toString() {
    return Violations.report(violations);
  }
}
