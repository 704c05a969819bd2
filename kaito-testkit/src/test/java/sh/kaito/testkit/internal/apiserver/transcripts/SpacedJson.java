package sh.kaito.testkit.internal.apiserver.transcripts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * JSON with a blank after each comma and colon: how the bodies were sent when they were recorded,
 * which shows where an answer repeats the body.
 */
final class SpacedJson {
  private SpacedJson() {}

  static String write(@Nullable Object value) {
    Map<String, Object> map = Json.asObject(value);
    if (map != null) {
      List<String> members = new ArrayList<>();
      map.forEach((key, item) -> members.add(Json.writeString(key) + ": " + write(item)));
      return "{" + String.join(", ", members) + "}";
    }
    List<Object> list = Json.asList(value);
    if (list != null) {
      return "[" + String.join(", ", list.stream().map(SpacedJson::write).toList()) + "]";
    }
    return Json.writeString(value);
  }
}
