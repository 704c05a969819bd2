package sh.kaito.testkit.internal.schema;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** JSON values as CEL sees them under a schema: only declared fields, formats as their types. */
final class CelValues {
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return");

  private CelValues() {}

  /**
   * @param root whether the value is a whole resource, whose apiVersion, kind and names are known
   */
  static Object convert(@Nullable Structural schema, @Nullable Object value, boolean root) {
    if (value == null) {
      return NullValue.NULL_VALUE;
    }
    if (value instanceof Map<?, ?> map) {
      return object(schema, map, root || (schema != null && schema.embedded()));
    }
    if (value instanceof List<?> list) {
      List<Object> result = new ArrayList<>(list.size());
      for (Object item : list) {
        result.add(convert(schema == null ? null : schema.items(), item, false));
      }
      return result;
    }
    if (schema == null || schema.intOrString()) {
      return value;
    }
    if (value instanceof Number number) {
      return switch (schema.type()) {
        case "number" -> number.doubleValue();
        case "integer" -> number.longValue();
        default -> value;
      };
    }
    return value instanceof String text ? string(schema, text) : value;
  }

  private static Object object(@Nullable Structural schema, Map<?, ?> map, boolean resource) {
    Map<String, Object> result = new LinkedHashMap<>();
    boolean open =
        schema == null
            || (schema.properties().isEmpty() && schema.additional() == null && !resource);
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = (String) entry.getKey();
      if (resource && (name.equals("apiVersion") || name.equals("kind"))) {
        result.put(name, convert(null, entry.getValue(), false));
      } else if (resource && name.equals("metadata")) {
        result.put(name, metadata(entry.getValue()));
      } else if (open) {
        result.put(name, convert(null, entry.getValue(), false));
      } else if (schema != null && schema.properties().containsKey(name)) {
        result.put(escape(name), convert(schema.properties().get(name), entry.getValue(), false));
      } else if (schema != null && schema.additional() != null) {
        result.put(name, convert(schema.additional(), entry.getValue(), false));
      }
    }
    return result;
  }

  private static Object metadata(@Nullable Object value) {
    Map<String, Object> result = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      for (String name : List.of("name", "generateName")) {
        Object field = map.get(name);
        if (field != null) {
          result.put(name, field);
        }
      }
    }
    return result;
  }

  private static Object string(Structural schema, String text) {
    Object format = schema.source().get("format");
    if (!(format instanceof String name)) {
      return text;
    }
    try {
      switch (name.replace("-", "")) {
        case "datetime":
          return OffsetDateTime.parse(text.toUpperCase(java.util.Locale.ROOT)).toInstant();
        case "date":
          Instant start = LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
          return start;
        case "duration":
          Duration duration = GoDuration.parse(text);
          return duration == null ? text : duration;
        case "byte":
          return CelByteString.of(Base64.getDecoder().decode(text));
        default:
          return text;
      }
    } catch (DateTimeParseException | IllegalArgumentException e) {
      // Format errors are told by the schema's own check.
      return text;
    }
  }

  /** A property's name as CEL writes it. */
  static String escape(String name) {
    if (RESERVED.contains(name)) {
      return "__" + name + "__";
    }
    return name.replace("__", "__underscores__")
        .replace(".", "__dot__")
        .replace("-", "__dash__")
        .replace("/", "__slash__");
  }
}
