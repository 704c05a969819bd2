package sh.kaito.testkit.internal.ssa;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.ApplyType.ListType;
import sh.kaito.testkit.internal.schema.ApplyType.MapType;
import sh.kaito.testkit.internal.schema.ApplyType.Scalar;

/** Which form of a type a value takes, and how list items are addressed. */
final class TypeRules {
  /** The forms of a type, in the order in which an undecided value is treated. */
  enum Form {
    MAP,
    SCALAR,
    LIST,
    NONE
  }

  private TypeRules() {}

  /** The form that a value of this type takes; an unfit value takes the first that there is. */
  static Form form(ApplyType type, @Nullable Object value) {
    if (Values.isScalar(value) && type.scalar() != null) {
      return Form.SCALAR;
    }
    if (value instanceof List<?> && type.list() != null) {
      return Form.LIST;
    }
    if (value instanceof Map<?, ?> && type.map() != null) {
      return Form.MAP;
    }
    return first(type);
  }

  static Form first(ApplyType type) {
    if (type.map() != null) {
      return Form.MAP;
    }
    if (type.scalar() != null) {
      return Form.SCALAR;
    }
    return type.list() != null ? Form.LIST : Form.NONE;
  }

  /** What is wrong with a scalar; null when nothing is. */
  static @Nullable String scalarError(Scalar scalar, @Nullable Object value) {
    if (value == null || Values.isAbsent(value)) {
      return null;
    }
    return switch (scalar) {
      case NUMERIC ->
          value instanceof Number
              ? null
              : "expected numeric (int or float), got " + GoFormat.type(value);
      case STRING ->
          value instanceof String
              ? null
              : "expected string, got &value.valueUnstructured{Value:"
                  + GoFormat.syntax(value)
                  + "}";
      case BOOLEAN ->
          value instanceof Boolean
              ? null
              : "expected boolean, got &{" + GoFormat.plain(value) + "}";
      case UNTYPED ->
          Values.isScalar(value)
              ? null
              : "expected any scalar, got &{" + GoFormat.plain(value) + "}";
    };
  }

  /** The items of a list; null for null and absent. */
  static @Nullable List<@Nullable Object> listOf(@Nullable Object value) throws TypedException {
    if (value == null || Values.isAbsent(value)) {
      return null;
    }
    List<@Nullable Object> list = Json.asList(value);
    if (list == null) {
      throw new TypedException(List.of("expected list, got &{" + GoFormat.plain(value) + "}"));
    }
    return list;
  }

  /** The fields of a map; null for null and absent. */
  static @Nullable Map<String, @Nullable Object> mapOf(@Nullable Object value)
      throws TypedException {
    if (value == null || Values.isAbsent(value)) {
      return null;
    }
    Map<String, @Nullable Object> map = Json.asObject(value);
    if (map == null) {
      throw new TypedException(List.of("expected map, got &{" + GoFormat.plain(value) + "}"));
    }
    return map;
  }

  /** How an item of an associative list is addressed. */
  static PathElement element(ListType list, @Nullable Object item) throws TypedException {
    return list.keys().isEmpty() ? setElement(item) : keyElement(list, item);
  }

  private static PathElement setElement(@Nullable Object item) throws TypedException {
    if (item instanceof Map<?, ?>) {
      throw error("associative list without keys has an element that's a map type");
    }
    if (item instanceof List<?>) {
      throw error("not supported: associative list with lists as elements");
    }
    if (item == null) {
      throw error("associative list without keys has an element that's an explicit null");
    }
    return PathElement.value(item);
  }

  private static PathElement keyElement(ListType list, @Nullable Object item)
      throws TypedException {
    if (item == null) {
      throw error("associative list with keys may not have a null element");
    }
    if (!(item instanceof Map<?, ?> map)) {
      throw error("associative list with keys may not have non-map elements");
    }
    Map<String, @Nullable Object> keys = new TreeMap<>();
    for (String name : list.keys()) {
      if (map.containsKey(name)) {
        keys.put(name, map.get(name));
        continue;
      }
      MapType element = list.element().map();
      if (element == null) {
        throw error(
            "couldn't find default value for "
                + name
                + ": associative list may not have non-map types");
      }
      ApplyType.Field field = element.fields().get(name);
      if (field != null && field.defaultValue() != null) {
        keys.put(name, field.defaultValue());
      }
    }
    if (keys.isEmpty()) {
      StringBuilder names = new StringBuilder("[");
      for (String name : list.keys()) {
        names.append(names.length() == 1 ? "" : " ").append(GoFormat.quote(name));
      }
      throw error(
          "associative list with keys has an element that omits all key fields "
              + names.append(']')
              + " (and doesn't have default values for any key fields)");
    }
    return PathElement.keys(keys);
  }

  private static TypedException error(String message) {
    return new TypedException(List.of(message));
  }
}
