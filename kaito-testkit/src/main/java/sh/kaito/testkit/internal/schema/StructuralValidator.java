package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.GoNumbers;
import sh.kaito.testkit.internal.json.Json;

/**
 * Checks a custom resource against its OpenAPI schema, with the messages of kube-apiserver. On an
 * update, what did not change is not held against it. One use, one thread.
 */
final class StructuralValidator {
  /** Errors by their text, and how much of a schema matched: that picks the best of several. */
  private static final class Result {
    final Map<String, FieldError> errors = new LinkedHashMap<>();
    int matches;

    void add(String message, FieldError error) {
      errors.putIfAbsent(message, error);
    }

    void merge(Result other) {
      other.errors.forEach(errors::putIfAbsent);
      matches += other.matches;
    }

    boolean isValid() {
      return errors.isEmpty();
    }
  }

  /** The path that field errors start with. */
  private final String prefix;

  private StructuralValidator(String prefix) {
    this.prefix = prefix;
  }

  /**
   * @param prefix path of the value; empty for a whole object
   * @param correlation the old value beside the new one; null on create
   */
  static List<FieldError> validate(
      Structural schema, @Nullable Object value, String prefix, @Nullable Correlation correlation) {
    Result result =
        new StructuralValidator(prefix).ratcheting(schema.source(), value, "", correlation);
    return new ArrayList<>(result.errors.values());
  }

  private Result ratcheting(
      Map<String, @Nullable Object> schema,
      @Nullable Object value,
      String path,
      @Nullable Correlation correlation) {
    Result result = node(schema, value, path, correlation);
    if (!result.isValid() && correlation != null && correlation.isEqual()) {
      result.errors.clear();
    }
    return result;
  }

  private Result node(
      Map<String, @Nullable Object> schema,
      @Nullable Object value,
      String path,
      @Nullable Correlation correlation) {
    Result result = new Result();
    String format = Json.text(schema, "format");
    Predicate<String> formatCheck = format.isEmpty() ? null : StringFormats.of(format);
    String type = type(schema);
    if (value == null) {
      nullType(schema, type, path, result);
      checkEnum(schema, null, path, result);
      return result;
    }
    if (!type.isEmpty() || formatCheck != null) {
      checkType(type, formatCheck == null ? "" : format, value, path, result);
      result.matches++;
    }
    checkComposition(schema, value, path, correlation, result);
    result.matches++;
    if (value instanceof String text) {
      checkString(schema, text, path, result);
      result.matches++;
      if (formatCheck != null) {
        if (!formatCheck.test(text)) {
          typeError(path, format, text, result);
        }
        result.matches++;
      }
    } else if (value instanceof Number number) {
      checkNumber(schema, number, path, result);
      result.matches += 2;
    } else if (value instanceof List<?> list) {
      checkList(schema, list, path, correlation, result);
      result.matches += 2;
    }
    checkEnum(schema, value, path, result);
    result.matches++;
    if (value instanceof Map<?, ?> map) {
      checkObject(schema, map, path, correlation, result);
      result.matches++;
    }
    result.matches++;
    return result;
  }

  private static String type(Map<String, @Nullable Object> schema) {
    return Json.isTrue(schema, "x-kubernetes-int-or-string")
        ? "integer,string"
        : Json.text(schema, "type");
  }

  private String field(String path) {
    if (path.isEmpty() || path.equals(".")) {
      return prefix.isEmpty() ? "<nil>" : prefix;
    }
    String name = path.startsWith(".") ? path.substring(1) : path;
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  private void typeError(String path, String type, String found, Result result) {
    String message = path + " in body must be of type " + type + ": " + GoFormat.quote(found);
    result.add(message, FieldError.typeInvalid(field(path), found, message));
  }

  private void nullType(
      Map<String, @Nullable Object> schema, String type, String path, Result result) {
    String format = Json.text(schema, "format");
    if (type.isEmpty() && (format.isEmpty() || StringFormats.of(format) == null)) {
      return;
    }
    if (!type.isEmpty() && !Json.isTrue(schema, "nullable")) {
      typeError(path, type, "null", result);
    } else {
      result.matches++;
    }
  }

  private static String kind(Object value) {
    if (value instanceof String) {
      return "string";
    }
    if (value instanceof Boolean) {
      return "boolean";
    }
    if (value instanceof Map<?, ?>) {
      return "object";
    }
    if (value instanceof List<?>) {
      return "array";
    }
    return value instanceof Double ? "number" : "integer";
  }

  private void checkType(String type, String format, Object value, String path, Result result) {
    String kind = kind(value);
    List<String> types = List.of(type.split(",", -1));
    boolean integral =
        value instanceof Double number
            && number == Math.rint(number)
            && !Double.isInfinite(number)
            && types.contains("integer");
    boolean fits =
        types.contains(kind) || integral || (kind.equals("integer") && types.contains("number"));
    boolean textual = kind.equals("string") || kind.equals("array");
    boolean numeric = types.contains("number") || types.contains("integer");
    if (!textual && !format.isEmpty() && !fits) {
      String found = kind.equals("integer") ? "int64" : kind.equals("number") ? "float64" : "";
      typeError(path, format, found, result);
      return;
    }
    // With a format, a string or list is left to the format's own check.
    if (!numeric && !format.isEmpty() && textual) {
      result.matches++;
      return;
    }
    if (!fits) {
      typeError(path, type, kind, result);
      return;
    }
    result.matches++;
  }

  private void invalid(String path, @Nullable Object value, String message, Result result) {
    result.add(message, FieldError.invalid(field(path), value == null ? "" : value, message));
  }

  /** An error about the whole object: the server does not know the field any more. */
  private void general(String message, Result result) {
    result.add(message, FieldError.invalid(prefix.isEmpty() ? "<nil>" : prefix, "", message));
  }

  private void checkString(
      Map<String, @Nullable Object> schema, String text, String path, Result result) {
    int length = text.codePointCount(0, text.length());
    if (schema.get("maxLength") instanceof Number max && length > max.longValue()) {
      String message = path + " in body should be at most " + max.longValue() + " chars long";
      result.add(message, FieldError.tooLong(field(path), max.longValue()));
      return;
    }
    if (schema.get("minLength") instanceof Number min && length < min.longValue()) {
      invalid(
          path,
          text,
          path + " in body should be at least " + min.longValue() + " chars long",
          result);
      return;
    }
    String pattern = Json.text(schema, "pattern");
    if (!pattern.isEmpty()) {
      Pattern compiled = GoRegex.compile(pattern);
      if (compiled == null || !compiled.matcher(text).find()) {
        String shown =
            compiled == null
                ? pattern + ", but pattern is invalid: " + GoRegex.error(pattern)
                : pattern;
        invalid(path, text, path + " in body should match '" + shown + "'", result);
      }
    }
  }

  private void checkNumber(
      Map<String, @Nullable Object> schema, Number value, String path, Result result) {
    if (schema.get("multipleOf") instanceof Number factor) {
      checkMultiple(value, factor, path, result);
    }
    if (schema.get("minimum") instanceof Number min) {
      boolean exclusive = Json.isTrue(schema, "exclusiveMinimum");
      int order = compare(value, min);
      if (order < 0 || (exclusive && order == 0)) {
        String words = exclusive ? "greater than " : "greater than or equal to ";
        invalid(path, value, path + " in body should be " + words + limit(value, min), result);
      }
    }
    if (schema.get("maximum") instanceof Number max) {
      boolean exclusive = Json.isTrue(schema, "exclusiveMaximum");
      int order = compare(value, max);
      if (order > 0 || (exclusive && order == 0)) {
        String words = exclusive ? "less than " : "less than or equal to ";
        invalid(path, value, path + " in body should be " + words + limit(value, max), result);
      }
    }
  }

  /** Limits of integers are cut to integers. */
  private static int compare(Number value, Number limit) {
    return value instanceof Long number
        ? Long.compare(number, limit.longValue())
        : Double.compare(value.doubleValue(), limit.doubleValue());
  }

  private static String limit(Number value, Number limit) {
    return value instanceof Long
        ? Long.toString(limit.longValue())
        : GoNumbers.general(limit.doubleValue());
  }

  private void checkMultiple(Number value, Number factor, String path, Result result) {
    boolean integer = value instanceof Long;
    double real = factor.doubleValue();
    if (integer ? factor.longValue() <= 0 : real <= 0) {
      Object shown = integer ? (Object) factor.longValue() : (Object) real;
      invalid(
          path,
          shown,
          "factor MultipleOf declared for " + path + " must be positive: " + GoFormat.plain(shown),
          result);
      return;
    }
    boolean multiple;
    if (integer) {
      multiple = value.longValue() % factor.longValue() == 0;
    } else {
      double times = real < 1 ? 1 / real * value.doubleValue() : value.doubleValue() / real;
      multiple = Math.abs(times - Math.rint(times)) < 1e-9;
    }
    if (!multiple) {
      invalid(
          path, value, path + " in body should be a multiple of " + limit(value, factor), result);
    }
  }

  private void checkEnum(
      Map<String, @Nullable Object> schema, @Nullable Object value, String path, Result result) {
    List<@Nullable Object> allowed = Json.list(schema, "enum");
    if (allowed == null || allowed.isEmpty()) {
      return;
    }
    List<String> shown = new ArrayList<>();
    for (Object candidate : allowed) {
      if (candidate != null && isSame(candidate, value)) {
        return;
      }
      shown.add(candidate instanceof String text ? text : Json.writeString(candidate));
    }
    String message = path + " in body should be one of " + GoFormat.plain(allowed);
    result.add(message, FieldError.notSupported(field(path), value, shown.toArray(new String[0])));
  }

  private static boolean isSame(Object candidate, @Nullable Object value) {
    return candidate.equals(value)
        || (candidate instanceof Number a
            && value instanceof Number b
            && a.doubleValue() == b.doubleValue());
  }

  private void checkList(
      Map<String, @Nullable Object> schema,
      List<?> list,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    Map<String, @Nullable Object> items = Json.object(schema, "items");
    if (items != null) {
      for (int i = 0; i < list.size(); i++) {
        Correlation child = correlation == null ? null : correlation.index(i);
        result.merge(ratcheting(items, list.get(i), path + "[" + i + "]", child));
      }
    }
    long size = list.size();
    if (schema.get("minItems") instanceof Number min && size < min.longValue()) {
      invalid(
          path, size, path + " in body should have at least " + min.longValue() + " items", result);
    }
    if (schema.get("maxItems") instanceof Number max && size > max.longValue()) {
      String message = path + " in body should have at most " + max.longValue() + " items";
      result.add(message, FieldError.tooMany(field(path), size, max.longValue()));
    }
    if (Json.isTrue(schema, "uniqueItems") && list.stream().distinct().count() != size) {
      invalid(path, null, path + " in body shouldn't contain duplicates", result);
    }
  }

  private void checkObject(
      Map<String, @Nullable Object> schema,
      Map<?, ?> map,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    long size = map.size();
    if (schema.get("minProperties") instanceof Number min && size < min.longValue()) {
      invalid(
          path,
          size,
          path + " in body should have at least " + min.longValue() + " properties",
          result);
    }
    if (schema.get("maxProperties") instanceof Number max && size > max.longValue()) {
      String message = path + " in body should have at most " + max.longValue() + " properties";
      result.add(message, FieldError.tooMany(field(path), size, max.longValue()));
    }
    Map<String, @Nullable Object> properties = Json.object(schema, "properties");
    Object additional = schema.get("additionalProperties");
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = (String) entry.getKey();
      if (properties != null && properties.containsKey(name)) {
        continue;
      }
      if (Boolean.FALSE.equals(additional)) {
        String message = path + "." + name + " in body is a forbidden property";
        result.add(message, FieldError.invalid(field(path), name, message));
      } else if (Json.asObject(additional) != null) {
        child(
            Json.asObject(additional),
            name,
            entry.getValue(),
            path + "." + name,
            correlation,
            result);
      }
    }
    if (properties != null) {
      for (Map.Entry<String, @Nullable Object> property : properties.entrySet()) {
        String name = property.getKey();
        if (map.containsKey(name)) {
          String below = path.isEmpty() ? name : path + "." + name;
          child(
              Json.asObject(property.getValue()), name, map.get(name), below, correlation, result);
        }
      }
    }
    for (String name : Structural.strings(Json.list(schema, "required"))) {
      if (!map.containsKey(name)) {
        String message = path + "." + name + " in body is required";
        result.add(message, FieldError.required(field(path + "." + name), ""));
      }
    }
  }

  private void child(
      @Nullable Map<String, @Nullable Object> schema,
      String name,
      @Nullable Object value,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    if (schema == null) {
      return;
    }
    Correlation child = correlation == null ? null : correlation.key(name);
    if (path.equals("kind") || path.equals("apiVersion")) {
      child = null;
    }
    result.merge(ratcheting(schema, value, path, child));
  }

  private void checkComposition(
      Map<String, @Nullable Object> schema,
      Object value,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    anyOf(schemas(schema, "anyOf"), value, path, correlation, result);
    oneOf(schemas(schema, "oneOf"), value, path, correlation, result);
    allOf(schemas(schema, "allOf"), value, path, correlation, result);
    Map<String, @Nullable Object> not = Json.object(schema, "not");
    if (not != null && node(not, value, path, correlation).isValid()) {
      general(GoFormat.quote(path) + " must not validate the schema (not)", result);
    }
    result.matches++;
  }

  private static List<Map<String, @Nullable Object>> schemas(
      Map<String, @Nullable Object> schema, String key) {
    List<Map<String, @Nullable Object>> result = new ArrayList<>();
    List<@Nullable Object> list = Json.list(schema, key);
    if (list != null) {
      for (Object item : list) {
        Map<String, @Nullable Object> node = Json.asObject(item);
        result.add(node == null ? Map.of() : node);
      }
    }
    return result;
  }

  private void anyOf(
      List<Map<String, @Nullable Object>> schemas,
      Object value,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    Result best = null;
    for (Map<String, @Nullable Object> schema : schemas) {
      Result one = node(schema, value, path, correlation);
      if (one.isValid()) {
        result.merge(one);
        return;
      }
      if (best == null || one.matches > best.matches) {
        best = one;
      }
    }
    if (best != null) {
      general(GoFormat.quote(path) + " must validate at least one schema (anyOf)", result);
      result.merge(best);
    }
  }

  private void oneOf(
      List<Map<String, @Nullable Object>> schemas,
      Object value,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    Result best = null;
    Result success = null;
    int valid = 0;
    for (Map<String, @Nullable Object> schema : schemas) {
      Result one = node(schema, value, path, correlation);
      if (one.isValid()) {
        valid++;
        success = success == null ? one : success;
      } else if (valid == 0 && (best == null || one.matches > best.matches)) {
        best = one;
      }
    }
    if (schemas.isEmpty()) {
      return;
    }
    if (valid == 1 && success != null) {
      result.merge(success);
      return;
    }
    general(
        GoFormat.quote(path)
            + " must validate one and only one schema (oneOf). "
            + (valid == 0 ? "Found none valid" : "Found " + valid + " valid alternatives"),
        result);
    if (valid == 0 && best != null) {
      result.merge(best);
    }
  }

  private void allOf(
      List<Map<String, @Nullable Object>> schemas,
      Object value,
      String path,
      @Nullable Correlation correlation,
      Result result) {
    int valid = 0;
    for (Map<String, @Nullable Object> schema : schemas) {
      Result one = node(schema, value, path, correlation);
      valid += one.isValid() ? 1 : 0;
      result.merge(one);
    }
    if (valid != schemas.size()) {
      general(
          GoFormat.quote(path)
              + " must validate all the schemas (allOf)"
              + (valid == 0 ? ". None validated" : ""),
          result);
    }
  }
}
