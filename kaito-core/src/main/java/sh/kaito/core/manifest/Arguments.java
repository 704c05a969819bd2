package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An argument vector in the making. The kubelet replaces {@code $(NAME)} in commands, arguments and
 * environment values, and {@code $$} is its way to write one dollar; everything but {@link
 * #expanded} is written so that it arrives as it is.
 */
final class Arguments {
  private final ArrayNode vector = array();

  private Arguments() {}

  static Arguments of(String... arguments) {
    return new Arguments().add(List.of(arguments));
  }

  /** A constant shell program; the arguments that follow are its {@code "$1"}, {@code "$2"}, ... */
  static Arguments shell(String name, String program) {
    return of("/bin/sh", "-c", program, name);
  }

  /** One value as it must stand in a manifest. */
  static String literal(String value) {
    return value.replace("$", "$$");
  }

  Arguments add(String argument) {
    vector.add(literal(argument));
    return this;
  }

  Arguments add(List<String> arguments) {
    arguments.forEach(this::add);
    return this;
  }

  /** {@code --key=value}, or {@code --key} where the value is empty; sorted by key. */
  Arguments flags(Map<String, String> flags) {
    new TreeMap<>(flags)
        .forEach((key, value) -> add("--" + key + (value.isEmpty() ? "" : "=" + value)));
    return this;
  }

  /** An argument of this library in which the kubelet puts the value of a variable. */
  Arguments expanded(String argument) {
    vector.add(argument);
    return this;
  }

  ArrayNode toJson() {
    return vector.deepCopy();
  }
}
