package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.List;

/** A value that does not fit its type, with every place where it does not. */
final class TypedException extends Exception {
  private static final long serialVersionUID = 1L;

  TypedException(List<String> errors) {
    super(text(errors), null, false, false);
  }

  private static String text(List<String> errors) {
    if (errors.size() == 1) {
      return errors.get(0);
    }
    List<String> lines = new ArrayList<>();
    lines.add("errors:");
    errors.forEach(error -> lines.add("  " + error));
    return String.join("\n", lines);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
