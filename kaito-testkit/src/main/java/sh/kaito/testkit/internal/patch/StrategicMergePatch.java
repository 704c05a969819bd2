package sh.kaito.testkit.internal.patch;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.GoType;
import sh.kaito.testkit.internal.schema.Refusal;

/** Strategic merge patch, for built-in kinds. */
public final class StrategicMergePatch {
  private StrategicMergePatch() {}

  /**
   * Patches an object.
   *
   * @param type the object's type, which says how its lists merge
   * @param ignoreProblems whether field validation is Ignore
   * @throws Refusal 400 for a body that is no JSON object or misuses a directive, 422 or 500 for
   *     what cannot be merged
   */
  public static Patched apply(
      GoType type, Map<String, @Nullable Object> object, byte[] body, boolean ignoreProblems) {
    Json.Parsed parsed = PatchBody.parse(body, "");
    Map<String, @Nullable Object> patch = Json.asObject(parsed.value());
    if (patch == null) {
      if (parsed.value() != null) {
        throw Refusal.badRequest(
            "json: cannot unmarshal "
                + PatchBody.kind(parsed.value())
                + " into Go value of type map[string]interface {}");
      }
      patch = Json.newObject();
    }
    // The real server shows the patch as merging leaves it, without its directives.
    Map<String, @Nullable Object> worked = Json.copyObject(patch);
    Map<String, @Nullable Object> result = merge(type, object, worked);
    return new Patched(
        result, ignoreProblems ? List.of() : PatchBody.duplicates(parsed), GoFormat.plain(worked));
  }

  /** The object with the patch merged into it; {@code patch} is consumed. */
  static Map<String, @Nullable Object> merge(
      GoType type, Map<String, @Nullable Object> object, Map<String, @Nullable Object> patch) {
    return StrategicMaps.merge(Json.copyObject(object), patch, type);
  }
}
