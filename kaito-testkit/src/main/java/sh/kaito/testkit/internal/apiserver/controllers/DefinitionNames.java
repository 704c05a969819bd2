package sh.kaito.testkit.internal.apiserver.controllers;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.json.Json;

/**
 * Which of the names that a definition asks for it gets: those that no other definition of its
 * group has. Pure functions.
 */
final class DefinitionNames {
  /** Fields of {@code spec.names} that share the names of resources, in the order of complaints. */
  private static final List<String> RESOURCE_NAMES = List.of("plural", "singular", "shortNames");

  private static final List<String> KIND_NAMES = List.of("kind", "listKind");

  private DefinitionNames() {}

  /**
   * The outcome.
   *
   * @param names {@code status.acceptedNames}
   * @param reason of condition NamesAccepted; {@code NoConflicts} when all are accepted
   */
  record Accepted(Map<String, Object> names, String reason, String message) {
    boolean all() {
      return reason.equals("NoConflicts");
    }
  }

  /**
   * Decides.
   *
   * @param others the other definitions of the same group
   */
  static Accepted accept(Map<String, Object> definition, Collection<Map<String, Object>> others) {
    Set<String> resources = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    for (Map<String, Object> other : others) {
      RESOURCE_NAMES.forEach(field -> resources.addAll(values(other, "status", field)));
      KIND_NAMES.forEach(field -> kinds.addAll(values(other, "status", field)));
    }
    Map<String, Object> names = Json.newObject();
    Map<String, Object> present = Json.object(definition, "status", "acceptedNames");
    if (present != null) {
      names.putAll(present);
    }
    List<String[]> problems = new ArrayList<>();
    RESOURCE_NAMES.forEach(field -> accept(definition, field, resources, names, problems));
    KIND_NAMES.forEach(field -> accept(definition, field, kinds, names, problems));
    put(names, "categories", Json.get(definition, "spec", "names", "categories"));
    if (problems.isEmpty()) {
      return new Accepted(names, "NoConflicts", "no conflicts found");
    }
    // Of several conflicts the last one is told.
    String[] last = problems.get(problems.size() - 1);
    return new Accepted(names, last[0], last[1]);
  }

  private static void accept(
      Map<String, Object> definition,
      String field,
      Set<String> taken,
      Map<String, Object> names,
      List<String[]> problems) {
    List<String> has = values(definition, "status", field);
    List<String> complaints = new ArrayList<>();
    for (String wanted : values(definition, "spec", field)) {
      if (!has.contains(wanted) && taken.contains(wanted)) {
        complaints.add(Quoting.go(wanted) + " is already in use");
      }
    }
    if (complaints.isEmpty()) {
      put(names, field, Json.get(definition, "spec", "names", field));
      return;
    }
    String joined =
        complaints.size() == 1 ? complaints.get(0) : "[" + String.join(", ", complaints) + "]";
    String reason = field.substring(0, 1).toUpperCase(Locale.ROOT) + field.substring(1);
    problems.add(new String[] {reason + "Conflict", joined});
  }

  private static void put(Map<String, Object> names, String field, @Nullable Object value) {
    if (value == null) {
      names.remove(field);
    } else {
      names.put(field, Objects.requireNonNull(Json.deepCopy(value)));
    }
  }

  private static List<String> values(Map<String, Object> definition, String part, String field) {
    String names = part.equals("spec") ? "names" : "acceptedNames";
    Object value = Json.get(definition, part, names, field);
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    return value == null || value.equals("") ? List.of() : List.of(value.toString());
  }
}
