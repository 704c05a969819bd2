package sh.kaito.testkit.internal.apiserver.transcripts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** JSON pointers on trees that may be changed, as the transcripts use them. */
final class Pointers {
  private Pointers() {}

  static List<String> steps(String pointer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    List<String> steps = new ArrayList<>();
    for (String step :
        Arrays.asList(pointer.split("/", -1)).subList(1, pointer.split("/", -1).length)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return steps;
  }

  /**
   * The value at a pointer.
   *
   * @throws NoSuchElementException when there is none
   */
  static @Nullable Object get(@Nullable Object root, String pointer) {
    Object current = root;
    for (String step : steps(pointer)) {
      current = child(current, step, pointer);
    }
    return current;
  }

  private static @Nullable Object child(@Nullable Object node, String step, String pointer) {
    if (node instanceof List<?> list
        && step.matches("\\d+")
        && Integer.parseInt(step) < list.size()) {
      return list.get(Integer.parseInt(step));
    }
    if (node instanceof Map<?, ?> map && map.containsKey(step)) {
      return map.get(step);
    }
    throw new NoSuchElementException(pointer);
  }

  static void set(Object root, String pointer, @Nullable Object value) {
    List<String> steps = steps(pointer);
    Object current = root;
    for (String step : steps.subList(0, steps.size() - 1)) {
      Map<String, Object> map = Json.asObject(current);
      current =
          map != null
              ? map.computeIfAbsent(step, key -> Json.newObject())
              : child(current, step, pointer);
    }
    String last = steps.get(steps.size() - 1);
    List<Object> list = Json.asList(current);
    if (list == null) {
      Objects.requireNonNull(Json.asObject(current)).put(last, value);
    } else if (last.equals("-")) {
      list.add(value);
    } else {
      list.set(Integer.parseInt(last), value);
    }
  }

  static void remove(Object root, String pointer) {
    int cut = pointer.lastIndexOf('/');
    Object parent;
    try {
      parent = get(root, pointer.substring(0, cut));
    } catch (NoSuchElementException e) {
      // What is not there is as good as removed.
      return;
    }
    String last = steps(pointer).get(steps(pointer).size() - 1);
    if (parent instanceof List<?> list) {
      if (Integer.parseInt(last) < list.size()) {
        list.remove(Integer.parseInt(last));
      }
    } else if (parent instanceof Map<?, ?> map) {
      map.remove(last);
    }
  }

  /** The tree with whatever a pointer (with {@code *} for any step) leads to replaced. */
  static @Nullable Object ignore(@Nullable Object node, List<String> steps) {
    if (steps.isEmpty()) {
      return "<ignore>";
    }
    String step = steps.get(0);
    List<String> rest = steps.subList(1, steps.size());
    Map<String, Object> map = Json.asObject(node);
    if (map != null) {
      map.replaceAll(
          (key, value) -> step.equals("*") || step.equals(key) ? ignore(value, rest) : value);
    }
    List<Object> list = Json.asList(node);
    if (list != null) {
      for (int i = 0; i < list.size(); i++) {
        if (step.equals("*") || step.equals(String.valueOf(i))) {
          list.set(i, ignore(list.get(i), rest));
        }
      }
    }
    return node;
  }
}
