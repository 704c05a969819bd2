package sh.kaito.testkit.internal.apiserver.selectors;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A parsed label selector: all requirements hold. Immutable. */
public final class LabelSelector {
  /** Selects everything. */
  public static final LabelSelector ALL = new LabelSelector(List.of());

  enum Operator {
    EXISTS,
    ABSENT,
    IN,
    NOT_IN,
    GREATER,
    LESS
  }

  record Requirement(String key, Operator operator, Set<String> values) {
    boolean matches(Map<String, Object> labels) {
      Object value = labels.get(key);
      return switch (operator) {
        case EXISTS -> value != null;
        case ABSENT -> value == null;
        case IN -> value != null && values.contains(value);
        case NOT_IN -> value == null || !values.contains(value);
        case GREATER -> compare(value, 1);
        case LESS -> compare(value, -1);
      };
    }

    private boolean compare(@Nullable Object value, int sign) {
      if (!(value instanceof String text)) {
        return false;
      }
      try {
        long bound = Long.parseLong(values.iterator().next());
        return Long.signum(Long.compare(Long.parseLong(text), bound)) == sign;
      } catch (NumberFormatException e) {
        return false;
      }
    }
  }

  private final List<Requirement> requirements;

  LabelSelector(List<Requirement> requirements) {
    this.requirements = requirements;
  }

  /**
   * Reads {@code a=b,c in (d,e),!f}.
   *
   * @throws sh.kaito.testkit.internal.apiserver.ApiFailure 400 in the words of the real parser
   */
  public static LabelSelector parse(@Nullable String text) {
    return text == null || text.isEmpty() ? ALL : new LabelSelectorParser(text).parse();
  }

  /** Selects objects that have all these labels, as a Service's selector does. */
  public static LabelSelector ofLabels(Map<String, Object> labels) {
    return new LabelSelector(
        labels.entrySet().stream()
            .map(
                entry ->
                    new Requirement(
                        entry.getKey(), Operator.IN, Set.of(String.valueOf(entry.getValue()))))
            .toList());
  }

  /** Whether there is no requirement. */
  public boolean isEmpty() {
    return requirements.isEmpty();
  }

  /** Whether labels satisfy all requirements. */
  public boolean matches(@Nullable Map<String, Object> labels) {
    Map<String, Object> present = labels == null ? Map.of() : labels;
    for (Requirement requirement : requirements) {
      if (!requirement.matches(present)) {
        return false;
      }
    }
    return true;
  }
}
