package sh.kaito.testkit.internal.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** RFC 6901 pointers. */
public final class JsonPointer {
  private JsonPointer() {}

  /** The decoded steps of a pointer; empty for the whole document. A leading slash is optional. */
  public static List<String> steps(String pointer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    List<String> steps = new ArrayList<>();
    int from = pointer.startsWith("/") ? 1 : 0;
    while (true) {
      int slash = pointer.indexOf('/', from);
      String step = slash < 0 ? pointer.substring(from) : pointer.substring(from, slash);
      steps.add(step.replace("~1", "/").replace("~0", "~"));
      if (slash < 0) {
        return steps;
      }
      from = slash + 1;
    }
  }

  /** The value at a pointer, or null when nothing is there. */
  public static @Nullable Object get(@Nullable Object root, String pointer) {
    Object current = root;
    for (String step : steps(pointer)) {
      if (current instanceof Map<?, ?> map) {
        current = map.get(step);
      } else if (current instanceof List<?> list) {
        int index = index(step);
        current = index >= 0 && index < list.size() ? list.get(index) : null;
      } else {
        return null;
      }
    }
    return current;
  }

  private static int index(String step) {
    if (step.isEmpty() || step.length() > 9) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < step.length(); i++) {
      char c = step.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  /** One step escaped for use in a pointer. */
  public static String escape(String step) {
    return step.replace("~", "~0").replace("/", "~1");
  }
}
