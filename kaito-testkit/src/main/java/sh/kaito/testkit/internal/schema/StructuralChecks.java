package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoNumbers;
import sh.kaito.testkit.internal.json.Json;

/** What a custom resource has to keep beside its OpenAPI schema: unique keys, embedded objects. */
final class StructuralChecks {
  private StructuralChecks() {}

  /** A path of field errors with one more step. */
  static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Lists of type set and map hold nothing twice. */
  static List<FieldError> uniqueness(Structural schema, @Nullable Object value) {
    List<FieldError> errors = new ArrayList<>();
    uniqueness(schema, value, "", errors);
    return errors;
  }

  private static void uniqueness(
      Structural schema, @Nullable Object value, String path, List<FieldError> errors) {
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String name = (String) entry.getKey();
        Structural property = schema.properties().get(name);
        if (property != null) {
          uniqueness(property, entry.getValue(), child(path, name), errors);
        } else if (schema.additional() != null) {
          uniqueness(schema.additional(), entry.getValue(), path + "[" + name + "]", errors);
        }
      }
    } else if (value instanceof List<?> list) {
      if (schema.listType().equals("set")) {
        duplicates(list, list, path, errors);
      } else if (schema.listType().equals("map")) {
        mapList(schema, list, path, errors);
      }
      if (schema.items() != null) {
        for (int i = 0; i < list.size(); i++) {
          uniqueness(schema.items(), list.get(i), path + "[" + i + "]", errors);
        }
      }
    }
  }

  private static void mapList(
      Structural schema, List<?> list, String path, List<FieldError> errors) {
    List<@Nullable Object> keys = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      Object item = list.get(i);
      if (item != null && !(item instanceof Map<?, ?>)) {
        errors.add(
            FieldError.invalid(
                path + "[" + i + "]", item, "must be an object for an array of list-type map"));
        return;
      }
      Map<String, @Nullable Object> key = new TreeMap<>();
      if (item instanceof Map<?, ?> map) {
        for (String name : schema.listKeys()) {
          if (map.containsKey(name)) {
            key.put(name, map.get(name));
          }
        }
      }
      keys.add(key);
    }
    duplicates(keys, keys, path, errors);
  }

  /** Each value that comes again is told once, at its second place. */
  private static void duplicates(
      List<?> values, List<?> shown, String path, List<FieldError> errors) {
    Map<@Nullable Object, Integer> seen = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      if (seen.merge(values.get(i), 1, Integer::sum) == 2) {
        errors.add(FieldError.duplicate(path + "[" + i + "]", shown.get(i)));
      }
    }
  }

  /** Embedded resources name their apiVersion and kind. */
  static List<FieldError> embedded(Structural schema, @Nullable Object value) {
    List<FieldError> errors = new ArrayList<>();
    embedded(schema, value, "", errors);
    return errors;
  }

  private static void embedded(
      @Nullable Structural schema, @Nullable Object value, String path, List<FieldError> errors) {
    if (schema == null) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      if (schema.embedded()) {
        typeMeta(map, path, errors);
      }
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String name = (String) entry.getKey();
        Structural property = schema.properties().get(name);
        if (property != null) {
          embedded(property, entry.getValue(), child(path, name), errors);
        } else {
          embedded(schema.additional(), entry.getValue(), path + "[" + name + "]", errors);
        }
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        embedded(schema.items(), list.get(i), path + "[" + i + "]", errors);
      }
    }
  }

  private static void typeMeta(Map<?, ?> map, String path, List<FieldError> errors) {
    for (String name : List.of("apiVersion", "kind")) {
      String field = child(path, name);
      Object value = map.get(name);
      if (!map.containsKey(name)) {
        errors.add(FieldError.required(field, ""));
      } else if (!(value instanceof String text)) {
        errors.add(FieldError.invalid(field, value, "must be a string"));
      } else if (text.isEmpty()) {
        errors.add(FieldError.invalid(field, text, "must not be empty"));
      } else if (name.equals("apiVersion") && text.chars().filter(c -> c == '/').count() > 1) {
        errors.add(FieldError.invalid(field, text, "unexpected GroupVersion string: " + text));
      } else if (name.equals("kind") && Names.dns1035(text.toLowerCase(Locale.ROOT)) != null) {
        errors.add(
            FieldError.invalid(
                field,
                text,
                "may have mixed case, but should otherwise match: "
                    + Names.dns1035(text.toLowerCase(Locale.ROOT))));
      }
    }
  }

  /** The replicas that a scale subresource reads are whole numbers of 32 bits, from 0 on. */
  static List<FieldError> scale(
      Map<String, @Nullable Object> object,
      @Nullable Map<String, @Nullable Object> scale,
      boolean spec) {
    List<FieldError> errors = new ArrayList<>();
    if (scale == null) {
      return errors;
    }
    if (spec) {
      replicas(object, Json.text(scale, "specReplicasPath"), errors);
    }
    replicas(object, Json.text(scale, "statusReplicasPath"), errors);
    String selector = Json.text(scale, "labelSelectorPath");
    Object value = at(object, selector);
    if (!selector.isEmpty() && value != null && !(value instanceof String)) {
      errors.add(FieldError.invalid(selector, "", wrongType(selector, value, "string")));
    }
    return errors;
  }

  private static void replicas(
      Map<String, @Nullable Object> object, String path, List<FieldError> errors) {
    Object value = path.isEmpty() ? null : at(object, path);
    if (value == null) {
      return;
    }
    if (!(value instanceof Long count)) {
      errors.add(FieldError.invalid(path, 0L, wrongType(path, value, "int64")));
    } else if (count < 0) {
      errors.add(FieldError.invalid(path, count, "should be a non-negative integer"));
    } else if (count > Integer.MAX_VALUE) {
      errors.add(
          FieldError.invalid(path, count, "should be less than or equal to " + Integer.MAX_VALUE));
    }
  }

  private static @Nullable Object at(Map<String, @Nullable Object> object, String path) {
    String plain = path.startsWith(".") ? path.substring(1) : path;
    return Json.get(object, plain.split("\\.", -1));
  }

  private static String wrongType(String path, Object value, String expected) {
    String shown = value instanceof Double number ? GoNumbers.general(number) : value.toString();
    return (path.startsWith(".") ? path : "." + path)
        + " accessor error: "
        + shown
        + " is of the type "
        + sh.kaito.testkit.internal.json.GoFormat.type(value)
        + ", expected "
        + expected;
  }
}
