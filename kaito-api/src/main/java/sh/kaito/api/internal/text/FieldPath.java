package sh.kaito.api.internal.text;

import java.util.ArrayList;
import java.util.List;

/**
 * JSON paths in the notation of the API server's messages: {@code a.b[0].c}, and brackets around
 * keys that are no plain field names: {@code metadata.annotations[kaito.sh/runtime]}.
 */
public final class FieldPath {

  private FieldPath() {}

  /** The path of a field. */
  public static String child(String parent, String name) {
    if (!isFieldName(name)) {
      return key(parent, name);
    }
    return parent.isEmpty() ? name : parent + "." + name;
  }

  /** The path of an entry of a map with free keys. */
  public static String key(String parent, String key) {
    return parent + "[" + Quoted.shorten(key) + "]";
  }

  /** The path of an element of a list. */
  public static String index(String parent, int index) {
    return parent + "[" + index + "]";
  }

  /** The steps of a path: names, keys and indices as text. */
  public static List<String> steps(String path) {
    List<String> steps = new ArrayList<>();
    StringBuilder step = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (depth == 0 && (c == '.' || c == '[')) {
        flush(steps, step);
        depth = c == '[' ? 1 : 0;
      } else if (depth > 0
          && c == ']'
          && (i + 1 == path.length() || ".[".indexOf(path.charAt(i + 1)) >= 0)) {
        steps.add(step.toString());
        step.setLength(0);
        depth = 0;
      } else {
        step.append(c);
      }
    }
    flush(steps, step);
    return steps;
  }

  private static void flush(List<String> steps, StringBuilder step) {
    if (step.length() > 0) {
      steps.add(step.toString());
      step.setLength(0);
    }
  }

  private static boolean isFieldName(String name) {
    if (name.isEmpty() || name.length() > 64) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
      if (!letter && !(i > 0 && ((c >= '0' && c <= '9') || c == '-'))) {
        return false;
      }
    }
    return true;
  }
}
