package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Command lines as argument vectors. */
final class Flags {
  private Flags() {}

  /** {@code --key=value}, or {@code --key} where the value is empty; sorted by key. */
  static List<String> of(Map<String, String> flags) {
    List<String> arguments = new ArrayList<>();
    new TreeMap<>(flags)
        .forEach((key, value) -> arguments.add("--" + key + (value.isEmpty() ? "" : "=" + value)));
    return arguments;
  }

  /**
   * The vector as it must stand in a manifest: the kubelet replaces {@code $(NAME)} in commands,
   * arguments and environment values, and {@code $$} is its way to write one dollar.
   */
  static ArrayNode literal(List<String> arguments) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    arguments.forEach(argument -> array.add(literal(argument)));
    return array;
  }

  /** One value as it must stand in a manifest. */
  static String literal(String value) {
    return value.replace("$", "$$");
  }
}
