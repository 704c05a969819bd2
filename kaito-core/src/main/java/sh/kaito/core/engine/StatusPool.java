package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Copies status blocks so that equal parts are one object: thousands of Workspaces say the same of
 * themselves, in seven conditions each. What comes out must not be changed. Thread-safe.
 */
final class StatusPool {
  /** Enough for what is said over and over, and little where all say different things. */
  private static final int MOST = 1024;

  private final Map<JsonNode, JsonNode> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<JsonNode, JsonNode> eldest) {
          return size() > MOST;
        }
      };

  /** A copy, of a missing node the node itself. */
  synchronized JsonNode copy(JsonNode node) {
    if (node instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(
              field ->
                  copy.set(
                      field.getKey(),
                      field.getKey().equals("conditions")
                          ? conditions(field.getValue())
                          : field.getValue().deepCopy()));
      return copy;
    }
    return node;
  }

  private JsonNode conditions(JsonNode list) {
    if (!(list instanceof ArrayNode)) {
      return list.deepCopy();
    }
    ArrayNode copy = JsonNodeFactory.instance.arrayNode(list.size());
    for (JsonNode condition : list) {
      JsonNode same = known.get(condition);
      if (same == null) {
        same = condition.deepCopy();
        known.put(same, same);
      }
      copy.add(same);
    }
    return copy;
  }
}
