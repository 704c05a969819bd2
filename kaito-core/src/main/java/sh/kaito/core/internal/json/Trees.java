package sh.kaito.core.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes JSON trees the way manifests read: names and values in turn. */
public final class Trees {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Trees() {}

  /**
   * An object of names and values in turn, in this order. A null value or an empty Optional leaves
   * its name out.
   */
  public static ObjectNode object(@Nullable Object... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a name without value");
    }
    ObjectNode object = NODES.objectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      if (value instanceof Optional<?> optional) {
        value = optional.isPresent() ? optional.get() : null;
      }
      if (value != null) {
        object.set(String.valueOf(namesAndValues[i]), node(value));
      }
    }
    return object;
  }

  /** An array of values; nulls are left out. */
  public static ArrayNode array(@Nullable Object... values) {
    ArrayNode array = NODES.arrayNode();
    for (Object value : values) {
      if (value != null) {
        array.add(node(value));
      }
    }
    return array;
  }

  /**
   * Any of: JsonNode, Map, Iterable, String, Integer, Long, Double, Boolean. Maps come out sorted.
   */
  public static JsonNode node(@Nullable Object value) {
    if (value == null) {
      return NODES.nullNode();
    } else if (value instanceof JsonNode tree) {
      return tree;
    } else if (value instanceof String text) {
      return NODES.textNode(text);
    } else if (value instanceof Boolean bool) {
      return NODES.booleanNode(bool);
    } else if (value instanceof Integer number) {
      return NODES.numberNode(number);
    } else if (value instanceof Long number) {
      // As the parser reads it, or a tree that was built would differ from the same tree read back.
      return number == number.intValue()
          ? NODES.numberNode(number.intValue())
          : NODES.numberNode(number);
    } else if (value instanceof Double number) {
      return NODES.numberNode(number);
    } else if (value instanceof Map<?, ?> map) {
      ObjectNode object = NODES.objectNode();
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach((key, entry) -> sorted.put(String.valueOf(key), entry));
      sorted.forEach((key, entry) -> object.set(key, node(entry)));
      return object;
    } else if (value instanceof Iterable<?> iterable) {
      ArrayNode array = NODES.arrayNode();
      iterable.forEach(entry -> array.add(node(entry)));
      return array;
    }
    throw new IllegalArgumentException("no JSON value: " + value.getClass().getName());
  }
}
