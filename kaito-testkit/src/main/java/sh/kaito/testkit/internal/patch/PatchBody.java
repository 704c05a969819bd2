package sh.kaito.testkit.internal.patch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.schema.Refusal;

/** Reading of patch bodies. */
final class PatchBody {
  private PatchBody() {}

  /** Parses a body, or refuses it with Go's words behind a prefix. */
  static Json.Parsed parse(byte[] body, String prefix) {
    try {
      return Json.parseTracking(body);
    } catch (JsonParseException e) {
      throw Refusal.badRequest(prefix + e.getMessage());
    }
  }

  static List<String> duplicates(Json.Parsed parsed) {
    List<String> problems = new ArrayList<>();
    parsed.duplicates().forEach(path -> problems.add("duplicate field \"" + path + "\""));
    return problems;
  }

  /** What Go calls a JSON value that it cannot read into a type. */
  static String kind(@Nullable Object value) {
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

  /** A shallow copy with sorted keys. */
  static Map<String, @Nullable Object> sorted(Map<?, ?> map) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put((String) key, value));
    return new LinkedHashMap<>(sorted);
  }
}
