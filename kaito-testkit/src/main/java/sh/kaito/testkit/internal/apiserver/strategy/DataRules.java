package sh.kaito.testkit.internal.apiserver.strategy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.json.Json;

/** What ConfigMaps and Secrets share: keys and immutability. */
final class DataRules {
  private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");

  private DataRules() {}

  static void keys(Map<String, Object> object, String field, List<Cause> causes) {
    Map<String, Object> data = Json.object(object, field);
    if (data == null) {
      return;
    }
    for (String key : data.keySet()) {
      String at = field + "[" + key + "]";
      if (key.length() > 253) {
        causes.add(Cause.invalid(at, key, "must be no more than 253 characters"));
      }
      if (!KEY.matcher(key).matches()) {
        causes.add(
            Cause.invalid(
                at,
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g."
                    + " 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is"
                    + " '[-._a-zA-Z0-9]+')"));
      }
      if (key.equals(".") || key.startsWith("..")) {
        causes.add(
            Cause.invalid(
                at,
                key,
                key.equals(".")
                    ? "must not be '.'"
                    : key.equals("..") ? "must not be '..'" : "must not start with '..'"));
      }
    }
  }

  static long size(Map<String, Object> object) {
    long size = 0;
    for (String field : List.of("data", "binaryData")) {
      Map<String, Object> data = Json.object(object, field);
      if (data != null) {
        for (Object value : data.values()) {
          int bytes = String.valueOf(value).getBytes(StandardCharsets.UTF_8).length;
          size += field.equals("data") ? bytes : bytes / 4L * 3;
        }
      }
    }
    return size;
  }

  static void immutable(
      Map<String, Object> object,
      Map<String, Object> old,
      List<String> fields,
      List<Cause> causes) {
    if (!Json.isTrue(old, "immutable")) {
      return;
    }
    if (!Json.isTrue(object, "immutable")) {
      causes.add(Cause.forbidden("immutable", "field is immutable when `immutable` is set"));
    }
    for (String field : fields) {
      if (!Objects.equals(object.get(field), old.get(field))) {
        causes.add(Cause.forbidden(field, "field is immutable when `immutable` is set"));
      }
    }
  }
}
