package sh.kaito.core.manifest;

import java.util.List;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;

/**
 * No objects can do what is asked; nothing must be bought for it.
 *
 * @param violations every reason, at least one
 */
public record RenderRefusal(List<Violation> violations) implements RenderOutcome {
  public RenderRefusal {
    violations = List.copyOf(violations);
  }

  /** One line for each reason. */
  @Override
  public String toString() {
    return Violations.report(violations);
  }
}
