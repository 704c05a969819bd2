package sh.kaito.api.model;

import java.util.List;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;

/**
 * A text is no valid Workspace. The message lists every problem, one a line, as {@code
 * file:line:column: path: what is wrong; what to do}.
 */
public final class WorkspaceReadException extends RuntimeException {
  private final transient List<Violation> violations;

  WorkspaceReadException(String source, List<Violation> violations) {
    super(
        source
            + (violations.size() == 1 ? ": 1 problem\n" : ": " + violations.size() + " problems\n")
            + Violations.report(violations));
    this.violations = List.copyOf(violations);
  }

  /** Everything that is wrong, in the order of the text; never empty. */
  public List<Violation> violations() {
    return violations;
  }
}
