package sh.kaito.testkit.internal.apiserver;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.FieldError;

/**
 * One field that is wrong, as it stands in {@code details.causes} of a Status.
 *
 * @param reason a StatusCause reason such as {@code FieldValueInvalid}
 * @param field path of the field, {@code spec.ports[0].name}
 * @param message what is wrong, {@code Invalid value: ...}
 */
public record Cause(String reason, String field, String message) {

  /** What the schema of a custom resource or of a definition says. */
  public static Cause of(FieldError error) {
    return new Cause(error.reason(), error.field(), error.message());
  }

  /** {@code value} is written as Go's field errors write it: JSON, strings quoted. */
  public static Cause invalid(String field, @Nullable Object value, String detail) {
    return new Cause(
        "FieldValueInvalid", field, "Invalid value: " + Quoting.json(value) + ": " + detail);
  }

  public static Cause required(String field, String detail) {
    return new Cause(
        "FieldValueRequired", field, "Required value" + (detail.isEmpty() ? "" : ": " + detail));
  }

  public static Cause forbidden(String field, String detail) {
    return new Cause("FieldValueForbidden", field, "Forbidden: " + detail);
  }

  public static Cause duplicate(String field, Object value) {
    return new Cause("FieldValueDuplicate", field, "Duplicate value: " + Quoting.json(value));
  }

  public static Cause notFound(String field, Object value) {
    return new Cause("FieldValueNotFound", field, "Not found: " + Quoting.json(value));
  }

  public static Cause tooLong(String field, long bytes) {
    return new Cause(
        "FieldValueTooLong", field, "Too long: may not be more than " + bytes + " bytes");
  }

  public static Cause unsupported(String field, Object value, String... supported) {
    StringBuilder text = new StringBuilder("Unsupported value: ").append(Quoting.json(value));
    if (supported.length > 0) {
      text.append(": supported values: ");
      for (int i = 0; i < supported.length; i++) {
        text.append(i == 0 ? "" : ", ").append(Quoting.go(supported[i]));
      }
    }
    return new Cause("FieldValueNotSupported", field, text.toString());
  }

  Map<String, Object> json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("reason", reason);
    map.put("message", message);
    map.put("field", field);
    return map;
  }

  String text() {
    return field + ": " + message;
  }
}
