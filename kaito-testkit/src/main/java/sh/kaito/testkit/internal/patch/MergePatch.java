package sh.kaito.testkit.internal.patch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.Refusal;

/** JSON merge patch (RFC 7386). */
public final class MergePatch {
  private MergePatch() {}

  /**
   * Patches an object.
   *
   * @param ignoreProblems whether field validation is Ignore
   * @throws Refusal 400 for a body that is no JSON object
   */
  public static Patched apply(
      Map<String, @Nullable Object> object, byte[] body, boolean ignoreProblems) {
    Json.Parsed parsed =
        PatchBody.parse(body, ignoreProblems ? "Invalid JSON Patch" : "error decoding patch: ");
    if (parsed.value() == null) {
      throw Refusal.badRequest("Invalid JSON Patch");
    }
    Map<String, @Nullable Object> patch = Json.asObject(parsed.value());
    if (patch == null) {
      throw Refusal.badRequest(
          "error decoding patch: json: cannot unmarshal "
              + PatchBody.kind(parsed.value())
              + " into Go value of type map[string]interface {}");
    }
    Map<String, @Nullable Object> result = merge(object, patch);
    return new Patched(
        result,
        ignoreProblems ? List.of() : PatchBody.duplicates(parsed),
        Json.writeString(result));
  }

  /** The document with the patch laid over it; both stay as they are. */
  public static Map<String, @Nullable Object> merge(
      Map<String, @Nullable Object> document, Map<String, @Nullable Object> patch) {
    Map<String, @Nullable Object> result = new TreeMap<>(document);
    for (Map.Entry<String, @Nullable Object> entry : patch.entrySet()) {
      Object value = entry.getValue();
      if (value == null) {
        result.remove(entry.getKey());
        continue;
      }
      Map<String, @Nullable Object> current = Json.asObject(result.get(entry.getKey()));
      Map<String, @Nullable Object> below = Json.asObject(value);
      result.put(
          entry.getKey(),
          current != null && below != null ? merge(current, below) : withoutNulls(value));
    }
    return new LinkedHashMap<>(result);
  }

  private static @Nullable Object withoutNulls(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> result = new TreeMap<>();
      map.forEach(
          (key, item) -> {
            if (item != null) {
              result.put((String) key, withoutNulls(item));
            }
          });
      return new LinkedHashMap<>(result);
    }
    if (value instanceof List<?> list) {
      return list.stream()
          .map(MergePatch::withoutNulls)
          .collect(java.util.stream.Collectors.toCollection(java.util.ArrayList::new));
    }
    return value;
  }
}
