package sh.kaito.testkit.internal.schema;

import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;

/**
 * One field that is wrong: an entry of {@code details.causes} of a Status.
 *
 * @param reason for example {@code FieldValueInvalid}
 * @param field path, for example {@code spec.ports[0].name}
 * @param message with the type in front, for example {@code Invalid value: 5: must be ...}
 */
public record FieldError(String reason, String field, String message) {

  /** {@code Invalid value: V: detail}. */
  public static FieldError invalid(String field, @Nullable Object value, String detail) {
    return new FieldError(
        "FieldValueInvalid", field, "Invalid value: " + GoFormat.fieldValue(value) + colon(detail));
  }

  /** {@code Invalid value: "type": detail}: how a wrong JSON type is told. */
  public static FieldError typeInvalid(String field, @Nullable Object value, String detail) {
    return new FieldError(
        "FieldValueTypeInvalid",
        field,
        "Invalid value: " + GoFormat.fieldValue(value) + colon(detail));
  }

  /** {@code Required value: detail}. */
  public static FieldError required(String field, String detail) {
    return new FieldError("FieldValueRequired", field, "Required value" + colon(detail));
  }

  /** {@code Forbidden: detail}. */
  public static FieldError forbidden(String field, String detail) {
    return new FieldError("FieldValueForbidden", field, "Forbidden" + colon(detail));
  }

  /** {@code Duplicate value: V}. */
  public static FieldError duplicate(String field, @Nullable Object value) {
    return new FieldError(
        "FieldValueDuplicate", field, "Duplicate value: " + GoFormat.fieldValue(value));
  }

  /** {@code Unsupported value: V: supported values: "a", "b"}. */
  public static FieldError notSupported(String field, @Nullable Object value, String... supported) {
    StringBuilder text = new StringBuilder("Unsupported value: ");
    text.append(GoFormat.fieldValue(value));
    for (int i = 0; i < supported.length; i++) {
      text.append(i == 0 ? ": supported values: " : ", ").append(GoFormat.quote(supported[i]));
    }
    return new FieldError("FieldValueNotSupported", field, text.toString());
  }

  /**
   * {@code Too long: may not be more than N bytes}; strings are counted in characters all the same.
   */
  public static FieldError tooLong(String field, long most) {
    return new FieldError(
        "FieldValueTooLong",
        field,
        "Too long: may not be more than " + most + (most == 1 ? " byte" : " bytes"));
  }

  /** {@code Too many: N: must have at most M items}. */
  public static FieldError tooMany(String field, long actual, long most) {
    return new FieldError(
        "FieldValueTooMany",
        field,
        "Too many: " + actual + ": must have at most " + most + (most == 1 ? " item" : " items"));
  }

  private static String colon(String detail) {
    return detail.isEmpty() ? "" : ": " + detail;
  }

  /** Path and message as the Status message joins them. */
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
