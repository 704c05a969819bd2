package sh.kaito.core.plan;

import java.util.List;
import java.util.Optional;
import sh.kaito.api.validation.Violation;

/** A comparison as text: the sum first, then field by field. */
final class PlanDiffText {
  private PlanDiffText() {}

  static String of(PlanDiff diff) {
    StringBuilder out = new StringBuilder(512);
    String name = "Workspace " + diff.workspace();
    if (diff.changes().isEmpty() && diff.violations().isEmpty()) {
      return out.append(name).append(": nothing changes\n").toString();
    }
    out.append(name)
        .append(": ")
        .append(diff.effect().text())
        .append(", ")
        .append(diff.effect().meaning())
        .append("\n\n");
    for (FieldChange change : diff.changes()) {
      PlanText.wrap(out, "  ", "      ", change.path() + " " + what(change));
      PlanText.wrap(out, "      ", "      ", change.effect().text() + ": " + change.reason());
    }
    if (diff.effect() != ChangeEffect.REFUSED) {
      nodes(diff, out);
    }
    List<Violation> unsaid =
        diff.violations().stream()
            .filter(
                violation -> diff.changes().stream().noneMatch(change -> says(change, violation)))
            .toList();
    if (!unsaid.isEmpty()) {
      out.append("\nRefused\n");
      for (Violation violation : unsaid) {
        String action = violation.action().map(text -> "; " + text).orElse("");
        String path = violation.path().isEmpty() ? "" : violation.path() + ": ";
        PlanText.wrap(out, "  - ", "    ", path + violation.message() + action);
      }
    }
    return out.toString();
  }

  private static boolean says(FieldChange change, Violation violation) {
    return change.reason().startsWith(violation.message());
  }

  private static String what(FieldChange change) {
    Optional<String> before = change.before();
    Optional<String> after = change.after();
    if (before.isPresent() && after.isPresent()) {
      return "changed from " + before.get() + " to " + after.get();
    }
    String value = before.or(() -> after).map(text -> ": " + text).orElse("");
    return change.kind().text() + value;
  }

  private static void nodes(PlanDiff diff, StringBuilder out) {
    if (diff.before() instanceof Plan before && diff.after() instanceof Plan after) {
      String was = before.nodes().summary();
      String is = after.nodes().summary();
      out.append('\n');
      PlanText.wrap(
          out,
          "",
          "           ",
          "Nodes      " + (was.equals(is) ? is + ", as before" : is + " instead of " + was));
    }
  }
}
