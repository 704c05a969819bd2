package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.GoNumbers;
import sh.kaito.testkit.internal.json.Json;

/**
 * Reads JSON into a Go type and writes it back in one go, as the server does with every built-in
 * object: unknown fields vanish, empty ones are dropped or written by the struct's tags, quantities
 * and times take their canonical form, fields come in the struct's order. One use, one thread.
 */
final class GoDecoder {
  /** Go's strict decoder stops counting here. */
  private static final int MAX_PROBLEMS = 100;

  /** The words for values of the wrong kind: those of the JSON decoder or of the converter. */
  enum Words {
    JSON,
    CONVERTER
  }

  private final Words words;
  private final Set<String> duplicates;
  private final List<String> problems = new ArrayList<>();
  private final List<String> fieldStack = new ArrayList<>();
  private final StringBuilder strictPath = new StringBuilder();
  private String structName = "";
  private @Nullable String mismatch;

  GoDecoder(Words words, Set<String> duplicates) {
    this.words = words;
    this.duplicates = duplicates;
  }

  /** Unknown and repeated fields, as {@code unknown field "spec.x"}, in document order. */
  List<String> problems() {
    return problems;
  }

  Map<String, @Nullable Object> decode(GoType type, @Nullable Object value) throws DecodeException {
    Object result = value(type, value);
    if (mismatch != null) {
      throw new DecodeException(mismatch);
    }
    Map<String, @Nullable Object> object = Json.asObject(result);
    return object == null ? Json.newObject() : object;
  }

  /** The value as Go would write it; for a value of the wrong kind the type's zero. */
  private @Nullable Object value(GoType type, @Nullable Object value) throws DecodeException {
    return switch (type.kind()) {
      case STRUCT -> struct(type, value);
      case LIST -> list(type, value);
      case MAP -> map(type, value);
      case STRING -> {
        if (value == null || value instanceof String) {
          yield value == null ? "" : value;
        }
        yield wrong(type, value, "");
      }
      case BOOL -> {
        if (value == null || value instanceof Boolean) {
          yield value == null ? Boolean.FALSE : value;
        }
        yield wrong(type, value, Boolean.FALSE);
      }
      case INT32, INT64 -> integer(type, value);
      case FLOAT -> {
        if (value == null || value instanceof Number) {
          yield value == null ? (Object) 0L : plainNumber(value);
        }
        yield wrong(type, value, 0L);
      }
      case BYTES -> bytes(type, value);
      case TIME, MICRO_TIME -> time(type, value);
      case QUANTITY -> quantity(value);
      case INT_OR_STRING -> intOrString(value);
      case RAW, JSON, FIELDS -> Json.deepCopy(value);
      case SCHEMA_OR_BOOL ->
          value instanceof Boolean || value == null
              ? value
              : struct(BuiltInTypes.schemaProps(), value);
      case SCHEMA_OR_LIST ->
          value instanceof List<?>
              ? list(GoType.listOf(BuiltInTypes.schemaProps(), ""), value)
              : value == null ? null : struct(BuiltInTypes.schemaProps(), value);
      case SCHEMA_OR_STRINGS ->
          value instanceof List<?> || value == null
              ? Json.deepCopy(value)
              : struct(BuiltInTypes.schemaProps(), value);
    };
  }

  private static Object plainNumber(Object value) {
    return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
        ? (Object) number.longValue()
        : value;
  }

  private Object struct(GoType type, @Nullable Object value) throws DecodeException {
    Map<?, ?> source = Map.of();
    if (value instanceof Map<?, ?> map) {
      source = map;
    } else if (value != null) {
      wrong(type, value, "");
    }
    String outer = structName;
    structName = type.structName();
    int path = strictPath.length();
    Map<String, @Nullable Object> read = new LinkedHashMap<>();
    Map<String, GoType.Field> fields = type.fields();
    for (Map.Entry<?, ?> entry : source.entrySet()) {
      String name = (String) entry.getKey();
      GoType.Field field = fields.get(name);
      if (path > 0) {
        strictPath.append('.');
      }
      strictPath.append(name);
      if (field == null) {
        problem("unknown field");
      } else {
        fieldStack.add(name);
        if (entry.getValue() != null || (!field.pointer() && !isNilable(field.type()))) {
          read.put(name, value(field.type(), entry.getValue()));
        }
        fieldStack.remove(fieldStack.size() - 1);
        if (duplicates.contains(strictPath.toString())) {
          problem("duplicate field");
        }
      }
      strictPath.setLength(path);
    }
    structName = outer;
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    for (GoType.Field field : fields.values()) {
      put(field, read, out);
    }
    return out;
  }

  private static boolean isNilable(GoType type) {
    return type.kind() == GoType.Kind.LIST
        || type.kind() == GoType.Kind.MAP
        || type.kind() == GoType.Kind.BYTES;
  }

  private void put(
      GoType.Field field, Map<String, @Nullable Object> read, Map<String, @Nullable Object> out)
      throws DecodeException {
    if (!read.containsKey(field.name())) {
      if (field.pointer() || isNilable(field.type())) {
        if (!field.omitEmpty()) {
          out.put(field.name(), null);
        }
        return;
      }
      Object zero = value(field.type(), null);
      if (!isLeftOut(field, zero)) {
        out.put(field.name(), zero);
      }
      return;
    }
    Object value = read.get(field.name());
    if (field.pointer() || !isLeftOut(field, value)) {
      out.put(field.name(), value);
    }
  }

  private static boolean isLeftOut(GoType.Field field, @Nullable Object value) {
    boolean struct =
        switch (field.type().kind()) {
          case STRUCT, TIME, MICRO_TIME, QUANTITY, INT_OR_STRING, RAW -> true;
          default -> false;
        };
    if (struct) {
      return field.omitZero() && (value == null || value.equals(Map.of()));
    }
    return field.omitEmpty()
        && (value == null
            || value.equals("")
            || value.equals(Boolean.FALSE)
            || value.equals(0L)
            || (value instanceof List<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty()));
  }

  private @Nullable Object list(GoType type, @Nullable Object value) throws DecodeException {
    if (value == null) {
      return null;
    }
    if (!(value instanceof List<?> items)) {
      return wrong(type, value, null);
    }
    List<@Nullable Object> out = new ArrayList<>(items.size());
    int path = strictPath.length();
    for (int i = 0; i < items.size(); i++) {
      strictPath.append('[').append(i).append(']');
      out.add(value(type.element(), items.get(i)));
      strictPath.setLength(path);
    }
    return out;
  }

  private @Nullable Object map(GoType type, @Nullable Object value) throws DecodeException {
    if (value == null) {
      return null;
    }
    if (!(value instanceof Map<?, ?> entries)) {
      return wrong(type, value, null);
    }
    Map<String, @Nullable Object> out = new TreeMap<>();
    int path = strictPath.length();
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      if (path > 0) {
        strictPath.append('.');
      }
      strictPath.append(entry.getKey());
      out.put((String) entry.getKey(), value(type.element(), entry.getValue()));
      if (duplicates.contains(strictPath.toString())) {
        problem("duplicate field");
      }
      strictPath.setLength(path);
    }
    return new LinkedHashMap<>(out);
  }

  private @Nullable Object integer(GoType type, @Nullable Object value) throws DecodeException {
    if (value == null) {
      return 0L;
    }
    if (value instanceof Long number) {
      boolean fits = type.kind() == GoType.Kind.INT64 || number == number.intValue();
      return fits ? number : wrongNumber(type, number.toString());
    }
    if (value instanceof Double number) {
      if (words == Words.CONVERTER) {
        if (number == Math.rint(number)) {
          return number.longValue();
        }
        throw new DecodeException("cannot convert float64 to " + type.name());
      }
      String text = GoNumbers.json(number);
      return wrongNumber(type, text.matches("-?[0-9]{1,18}") ? text + ".0" : text);
    }
    return wrong(type, value, 0L);
  }

  private Object wrongNumber(GoType type, String text) throws DecodeException {
    if (words == Words.CONVERTER) {
      throw new DecodeException("cannot convert int64 to " + type.name());
    }
    mismatch("number " + text, type.name());
    return 0L;
  }

  private @Nullable Object bytes(GoType type, @Nullable Object value) throws DecodeException {
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text)) {
      return wrong(type, value, null);
    }
    String clean = text.replace("\r", "").replace("\n", "");
    try {
      byte[] bytes = Base64.getDecoder().decode(clean);
      if (clean.length() % 4 == 0) {
        return Base64.getEncoder().encodeToString(bytes);
      }
    } catch (IllegalArgumentException notBase64) {
      throw new DecodeException(base64Error(clean));
    }
    throw new DecodeException(base64Error(clean));
  }

  private static String base64Error(String text) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int i = 0;
    while (i < text.length() && alphabet.indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    // A text that merely ends too early is refused at the start of its last group.
    int at = i < text.length() && text.charAt(i) != '=' ? i : text.length() / 4 * 4;
    return "illegal base64 data at input byte " + at;
  }

  private @Nullable Object time(GoType type, @Nullable Object value) throws DecodeException {
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text)) {
      throw new DecodeException(
          "json: cannot unmarshal " + jsonKind(value) + " into Go value of type string");
    }
    try {
      return type.kind() == GoType.Kind.TIME ? GoTime.normalize(text) : GoTime.normalizeMicro(text);
    } catch (IllegalArgumentException e) {
      throw new DecodeException(String.valueOf(e.getMessage()));
    }
  }

  private static Object quantity(@Nullable Object value) throws DecodeException {
    if (value == null) {
      return "0";
    }
    String text = value instanceof String string ? string : Json.writeString(value);
    try {
      return Quantity.parse(text).text();
    } catch (IllegalArgumentException e) {
      throw new DecodeException(String.valueOf(e.getMessage()));
    }
  }

  private static Object intOrString(@Nullable Object value) throws DecodeException {
    if (value == null) {
      return 0L;
    }
    if (value instanceof String) {
      return value;
    }
    if (value instanceof Long number && number == number.intValue()) {
      return number;
    }
    String kind = value instanceof Number ? "number " + Json.writeString(value) : jsonKind(value);
    throw new DecodeException("json: cannot unmarshal " + kind + " into Go value of type int32");
  }

  private @Nullable Object wrong(GoType type, Object value, @Nullable Object zero)
      throws DecodeException {
    if (words == Words.CONVERTER) {
      throw new DecodeException(converterWords(type, value));
    }
    mismatch(jsonKind(value), type.name());
    return zero;
  }

  private static String converterWords(GoType type, Object value) {
    String source = GoFormat.type(value);
    String kind = source.startsWith("map") ? "map" : source.startsWith("[]") ? "slice" : source;
    return switch (type.kind()) {
      case MAP -> "cannot restore map from " + kind;
      case LIST, BYTES -> "cannot restore slice from " + kind;
      case STRUCT -> "cannot restore struct from: " + kind;
      default ->
          value instanceof Long && type.kind() == GoType.Kind.STRING
              ? "cannot convert int64 to " + type.name()
              : "unrecognized type: " + goKind(type);
    };
  }

  private static String goKind(GoType type) {
    return switch (type.kind()) {
      case BOOL -> "bool";
      case INT32 -> "int32";
      case INT64 -> "int64";
      case FLOAT -> "float64";
      default -> "string";
    };
  }

  /** Remembers the first value of a wrong kind, as Go does; reading goes on. */
  private void mismatch(String kind, String typeName) {
    if (mismatch != null) {
      return;
    }
    mismatch =
        fieldStack.isEmpty()
            ? "json: cannot unmarshal " + kind + " into Go value of type " + typeName
            : "json: cannot unmarshal "
                + kind
                + " into Go struct field "
                + structName
                + "."
                + String.join(".", fieldStack)
                + " of type "
                + typeName;
  }

  private static String jsonKind(Object value) {
    if (value instanceof String) {
      return "string";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof List<?>) {
      return "array";
    }
    return value instanceof Map<?, ?> ? "object" : "number";
  }

  private void problem(String what) {
    String text = what + " \"" + strictPath + "\"";
    if (problems.size() < MAX_PROBLEMS && !problems.contains(text)) {
      problems.add(text);
    }
  }
}
