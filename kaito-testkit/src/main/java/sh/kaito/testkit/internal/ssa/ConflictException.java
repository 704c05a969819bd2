package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sh.kaito.testkit.internal.schema.FieldError;
import sh.kaito.testkit.internal.schema.Refusal;

/** Fields of an applied object that others own with another value. */
final class ConflictException extends Exception {
  private static final long serialVersionUID = 1L;

  /** One field and its owner. */
  record Conflict(Manager manager, List<PathElement> path) {}

  private final transient List<Conflict> conflicts;

  ConflictException(Map<Manager, FieldSet> sets) {
    super("conflicts", null, false, false);
    conflicts = new ArrayList<>();
    new TreeMap<>(sets)
        .forEach(
            (manager, set) ->
                set.paths().forEach(path -> conflicts.add(new Conflict(manager, path))));
  }

  private ConflictException(List<Conflict> conflicts) {
    super("conflicts", null, false, false);
    this.conflicts = conflicts;
  }

  /** Whether every conflict is about a path of the set. */
  boolean isWithin(FieldSet allowed) {
    return conflicts.stream().allMatch(conflict -> allowed.has(conflict.path));
  }

  ConflictException without(FieldSet allowed) {
    return new ConflictException(
        conflicts.stream().filter(conflict -> !allowed.has(conflict.path)).toList());
  }

  Refusal refusal() {
    List<FieldError> causes = new ArrayList<>();
    for (Conflict conflict : conflicts) {
      causes.add(
          new FieldError(
              "FieldManagerConflict",
              FieldSet.pathText(conflict.path),
              "conflict with " + conflict.manager.describe()));
    }
    return Refusal.applyConflict(message(), causes);
  }

  private String message() {
    if (conflicts.size() == 1) {
      Conflict only = conflicts.get(0);
      return "Apply failed with 1 conflict: conflict with "
          + only.manager.describe()
          + ": "
          + FieldSet.pathText(only.path);
    }
    StringBuilder text =
        new StringBuilder("Apply failed with ").append(conflicts.size()).append(" conflicts: ");
    Manager last = null;
    for (Conflict conflict : conflicts) {
      if (!conflict.manager.equals(last)) {
        text.append(last == null ? "" : "\n")
            .append("conflicts with ")
            .append(conflict.manager.describe())
            .append(':');
        last = conflict.manager;
      }
      text.append("\n- ").append(FieldSet.pathText(conflict.path));
    }
    return text.toString();
  }
}
