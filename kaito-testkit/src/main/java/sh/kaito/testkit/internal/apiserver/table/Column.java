package sh.kaito.testkit.internal.apiserver.table;

import java.util.Map;
import sh.kaito.testkit.internal.json.Json;

/**
 * A column of a table.
 *
 * @param priority 0 is always shown, 1 with {@code -o wide}
 */
record Column(String name, String type, String format, String description, long priority) {
  Map<String, Object> json() {
    return Json.objectOf(
        "name", name,
        "type", type,
        "format", format,
        "description", description,
        "priority", priority);
  }
}
