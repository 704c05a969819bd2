package sh.kaito.api.validation;

import java.util.List;
import java.util.stream.Collectors;
import sh.kaito.api.validation.Violation.Severity;

/** Functions over lists of {@link Violation}s. */
public final class Violations {

  private Violations() {}

  /** Whether at least one of them refuses the Workspace. */
  public static boolean hasErrors(List<Violation> violations) {
    return violations.stream().anyMatch(Violation::isError);
  }

  /** The errors, in the given order. */
  public static List<Violation> errors(List<Violation> violations) {
    return violations.stream().filter(Violation::isError).toList();
  }

  /** The warnings, in the given order. */
  public static List<Violation> warnings(List<Violation> violations) {
    return violations.stream().filter(v -> v.severity() == Severity.WARNING).toList();
  }

  /** The same list with positions from a document, where a violation has none. */
  public static List<Violation> locatedIn(SourceDocument document, List<Violation> violations) {
    return violations.stream().map(violation -> violation.locatedIn(document)).toList();
  }

  /** One line for each violation, see {@link Violation#toString()}; no line break at the end. */
  public static String report(List<Violation> violations) {
    return violations.stream().map(Violation::toString).collect(Collectors.joining("\n"));
  }
}
