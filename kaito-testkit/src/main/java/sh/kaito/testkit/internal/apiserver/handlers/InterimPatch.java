package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonPointer;

/** RFC 7386 and RFC 6902. */
final class InterimPatch {
  private InterimPatch() {}

  static @Nullable Object merge(@Nullable Object target, @Nullable Object patch) {
    Map<String, Object> changes = Json.asObject(patch);
    if (changes == null) {
      return patch;
    }
    Map<String, Object> base = Json.asObject(target);
    Map<String, Object> result = base == null ? Json.newObject() : new LinkedHashMap<>(base);
    changes.forEach(
        (key, value) -> {
          if (value == null) {
            result.remove(key);
          } else {
            result.put(key, merge(result.get(key), value));
          }
        });
    return result;
  }

  static Object json(Object document, List<Object> operations) {
    Object root = document;
    for (Object operation : operations) {
      root = apply(root, operation);
    }
    return root;
  }

  private static Object apply(Object root, Object operation) {
    String op = Json.text(operation, "op");
    List<String> path = JsonPointer.steps(Json.text(operation, "path"));
    Object value = Json.get(operation, "value");
    switch (op) {
      case "test" -> {
        if (!Objects.equals(JsonPointer.get(root, Json.text(operation, "path")), value)) {
          throw ApiFailure.of(
              422, "Invalid", "the server rejected our request due to an error in our request");
        }
        return root;
      }
      case "add", "replace" -> {
        return set(root, path, 0, value, op.equals("add"));
      }
      case "remove" -> {
        return remove(root, path, 0);
      }
      case "copy", "move" -> {
        Object from = JsonPointer.get(root, Json.text(operation, "from"));
        Object base =
            op.equals("move")
                ? remove(root, JsonPointer.steps(Json.text(operation, "from")), 0)
                : root;
        return set(base, path, 0, Json.deepCopy(from), true);
      }
      default -> throw ApiFailure.badRequest("Unexpected kind: " + op);
    }
  }

  private static Object set(
      @Nullable Object node, List<String> path, int at, @Nullable Object value, boolean insert) {
    if (at == path.size()) {
      return Objects.requireNonNullElse(value, Map.of());
    }
    String step = path.get(at);
    boolean last = at == path.size() - 1;
    if (node instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list);
      int index = step.equals("-") ? copy.size() : index(step, copy.size());
      if (last && insert) {
        copy.add(index, value);
      } else {
        copy.set(index, last ? value : set(copy.get(index), path, at + 1, value, insert));
      }
      return copy;
    }
    Map<String, Object> map = Json.asObject(node);
    if (map == null) {
      throw missing(path);
    }
    Map<String, Object> copy = new LinkedHashMap<>(map);
    copy.put(step, last ? value : set(copy.get(step), path, at + 1, value, insert));
    return copy;
  }

  private static Object remove(@Nullable Object node, List<String> path, int at) {
    String step = path.get(at);
    boolean last = at == path.size() - 1;
    if (node instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list);
      int index = index(step, copy.size() - 1);
      if (last) {
        copy.remove(index);
      } else {
        copy.set(index, remove(copy.get(index), path, at + 1));
      }
      return copy;
    }
    Map<String, Object> map = Json.asObject(node);
    if (map == null || !map.containsKey(step)) {
      throw missing(path);
    }
    Map<String, Object> copy = new LinkedHashMap<>(map);
    if (last) {
      copy.remove(step);
    } else {
      copy.put(step, remove(copy.get(step), path, at + 1));
    }
    return copy;
  }

  private static int index(String step, int max) {
    try {
      int index = Integer.parseInt(step);
      if (index >= 0 && index <= max) {
        return index;
      }
    } catch (NumberFormatException e) {
      throw missing(List.of(step));
    }
    throw missing(List.of(step));
  }

  private static ApiFailure missing(List<String> path) {
    return ApiFailure.of(
        422,
        "Invalid",
        "jsonpatch operation does not apply: doc is missing path: /" + String.join("/", path));
  }
}
