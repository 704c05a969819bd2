package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.json.Json;

/** {@code LabelSelector} objects: their form, and what they select. */
final class LabelSelectors {
  private LabelSelectors() {}

  /** Whether a selector selects labels; null selects nothing, an empty one everything. */
  static boolean matches(
      @Nullable Map<String, Object> selector, @Nullable Map<String, Object> labels) {
    if (selector == null) {
      return false;
    }
    Map<String, Object> present = labels == null ? Map.of() : labels;
    Map<String, Object> wanted = Json.object(selector, "matchLabels");
    if (wanted != null) {
      for (Map.Entry<String, Object> entry : wanted.entrySet()) {
        if (!Objects.equals(present.get(entry.getKey()), entry.getValue())) {
          return false;
        }
      }
    }
    return Trees.items(selector, "matchExpressions").stream()
        .allMatch(expression -> holds(expression, present));
  }

  private static boolean holds(Object expression, Map<String, Object> labels) {
    Object value = labels.get(Json.text(expression, "key"));
    List<Object> values = Trees.items(expression, "values");
    return switch (Json.text(expression, "operator")) {
      case "In" -> value != null && values.contains(value);
      case "NotIn" -> value == null || !values.contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }

  static boolean isEmpty(@Nullable Map<String, Object> selector) {
    Map<String, Object> labels = Json.object(selector, "matchLabels");
    return (labels == null || labels.isEmpty())
        && Trees.items(selector, "matchExpressions").isEmpty();
  }

  /** Complaints about the form of a selector. */
  static void validate(Check selector) {
    Map<String, Object> labels = selector.object("matchLabels");
    if (labels != null) {
      labels.forEach(
          (key, value) -> {
            Names.qualified(key).forEach(p -> selector.invalid("matchLabels", key, p));
            Names.labelValue(String.valueOf(value))
                .forEach(p -> selector.invalid("matchLabels", value, p));
          });
    }
    for (Check expression : selector.items("matchExpressions")) {
      boolean values = !Trees.items(expression.get("values")).isEmpty();
      String operator = expression.text("operator");
      switch (operator) {
        case "In", "NotIn" -> {
          if (!values) {
            expression.required("values", "must be specified when `operator` is 'In' or 'NotIn'");
          }
        }
        case "Exists", "DoesNotExist" -> {
          if (values) {
            expression.forbidden(
                "values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
          }
        }
        default -> expression.invalid("operator", operator, "not a valid selector operator");
      }
      String key = expression.text("key");
      Names.qualified(key).forEach(p -> expression.invalid("key", key, p));
      List<Object> list = Trees.items(expression.get("values"));
      for (int i = 0; i < list.size(); i++) {
        String value = String.valueOf(list.get(i));
        String field = "values[" + i + "]";
        Names.labelValue(value).forEach(p -> expression.invalid(field, value, p));
      }
    }
  }
}
