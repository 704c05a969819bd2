package sh.kaito.testkit.internal.apiserver.transcripts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Where two documents differ, one line per place. */
final class JsonDiff {
  private JsonDiff() {}

  static List<String> of(@Nullable Object expected, @Nullable Object actual) {
    List<String> lines = new ArrayList<>();
    compare(expected, actual, "", lines);
    return lines;
  }

  private static String show(@Nullable Object value) {
    String text = Json.writeString(value);
    return text.length() > 400 ? text.substring(0, 400) + "..." : text;
  }

  private static void compare(
      @Nullable Object expected, @Nullable Object actual, String path, List<String> lines) {
    if ("<ignore>".equals(expected)) {
      return;
    }
    Map<String, Object> left = Json.asObject(expected);
    Map<String, Object> right = Json.asObject(actual);
    List<Object> leftList = Json.asList(expected);
    List<Object> rightList = Json.asList(actual);
    if (left != null && right != null) {
      TreeSet<String> keys = new TreeSet<>(left.keySet());
      keys.addAll(right.keySet());
      for (String key : keys) {
        String at = path + "/" + key.replace("~", "~0").replace("/", "~1");
        if (!right.containsKey(key)) {
          lines.add(at + ": missing, expected " + show(left.get(key)));
        } else if (!left.containsKey(key)) {
          lines.add(at + ": unexpected " + show(right.get(key)));
        } else {
          compare(left.get(key), right.get(key), at, lines);
        }
      }
    } else if (leftList != null && rightList != null) {
      if (leftList.size() != rightList.size()) {
        lines.add(
            path
                + ": expected "
                + leftList.size()
                + " elements, found "
                + rightList.size()
                + ": "
                + show(expected)
                + " against "
                + show(actual));
      }
      for (int i = 0; i < Math.min(leftList.size(), rightList.size()); i++) {
        compare(leftList.get(i), rightList.get(i), path + "/" + i, lines);
      }
    } else if (!Objects.equals(expected, actual)) {
      lines.add(
          (path.isEmpty() ? "/" : path)
              + ": expected "
              + show(expected)
              + ", found "
              + show(actual));
    }
  }
}
