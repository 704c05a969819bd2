package sh.kaito.testkit.internal.apiserver.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * The JSONPath of printer columns: {@code .a.b}, {@code ['a']}, {@code [0]}, {@code [*]} and
 * filters such as {@code [?(@.type=="Ready")]}. Immutable.
 */
final class JsonPath {
  private sealed interface Step {}

  private record Key(String name) implements Step {}

  private record Index(int position) implements Step {}

  private record Every() implements Step {}

  private record Filter(JsonPath left, String operator, @Nullable Object right) implements Step {}

  private final List<Step> steps;

  private JsonPath(List<Step> steps) {
    this.steps = steps;
  }

  /** Reads a path; one that cannot be read finds nothing. */
  static JsonPath parse(String text) {
    String path = text.trim();
    if (path.startsWith("{") && path.endsWith("}")) {
      path = path.substring(1, path.length() - 1);
    }
    if (path.startsWith("$") || path.startsWith("@")) {
      path = path.substring(1);
    }
    List<Step> steps = new ArrayList<>();
    int i = 0;
    while (i < path.length()) {
      char c = path.charAt(i);
      if (c == '.') {
        i++;
        int start = i;
        while (i < path.length() && ".[".indexOf(path.charAt(i)) < 0) {
          i += path.charAt(i) == '\\' && i + 1 < path.length() ? 2 : 1;
        }
        String name = path.substring(start, i).replace("\\.", ".").replace("\\", "");
        if (name.equals("*")) {
          steps.add(new Every());
        } else if (!name.isEmpty()) {
          steps.add(new Key(name));
        }
      } else if (c == '[') {
        int end = close(path, i);
        steps.add(bracket(path.substring(i + 1, end).trim()));
        i = end + 1;
      } else {
        // A path may start without its dot.
        path = path.substring(0, i) + "." + path.substring(i);
      }
    }
    return new JsonPath(List.copyOf(steps));
  }

  private static int close(String path, int open) {
    int depth = 0;
    char quote = 0;
    for (int i = open; i < path.length(); i++) {
      char c = path.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[') {
        depth++;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    return path.length() - 1;
  }

  private static Step bracket(String inner) {
    if (inner.startsWith("?(") && inner.endsWith(")")) {
      return filter(inner.substring(2, inner.length() - 1));
    }
    if (inner.equals("*") || inner.equals(":")) {
      return new Every();
    }
    if (inner.length() > 1 && (inner.startsWith("'") || inner.startsWith("\""))) {
      return new Key(inner.substring(1, inner.length() - 1));
    }
    try {
      return new Index(Integer.parseInt(inner));
    } catch (NumberFormatException e) {
      return new Key(inner);
    }
  }

  private static Step filter(String text) {
    for (String operator : List.of("==", "!=", ">=", "<=", ">", "<")) {
      int at = text.indexOf(operator);
      if (at > 0) {
        return new Filter(
            parse(text.substring(0, at).trim()),
            operator,
            literal(text.substring(at + operator.length()).trim()));
      }
    }
    return new Filter(parse(text.trim()), "", null);
  }

  private static @Nullable Object literal(String text) {
    if (text.length() > 1 && (text.startsWith("'") || text.startsWith("\""))) {
      return text.substring(1, text.length() - 1);
    }
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return text;
    }
  }

  /** All values at the path, in document order. */
  List<Object> find(@Nullable Object root) {
    List<Object> current = new ArrayList<>();
    current.add(root);
    for (Step step : steps) {
      List<Object> next = new ArrayList<>();
      for (Object value : current) {
        step(step, value, next);
      }
      current = next;
    }
    return current;
  }

  private static void step(Step step, @Nullable Object value, List<Object> out) {
    if (step instanceof Key key) {
      if (value instanceof Map<?, ?> map && map.containsKey(key.name())) {
        out.add(map.get(key.name()));
      }
    } else if (step instanceof Index index) {
      List<Object> list = Json.asList(value);
      if (list != null) {
        int at = index.position() < 0 ? list.size() + index.position() : index.position();
        if (at >= 0 && at < list.size()) {
          out.add(list.get(at));
        }
      }
    } else if (step instanceof Every) {
      if (value instanceof Map<?, ?> map) {
        out.addAll(map.values());
      } else if (value instanceof List<?> list) {
        out.addAll(list);
      }
    } else if (step instanceof Filter filter && value instanceof List<?> list) {
      for (Object item : list) {
        if (holds(filter, item)) {
          out.add(item);
        }
      }
    }
  }

  private static boolean holds(Filter filter, Object item) {
    List<Object> found = filter.left().find(item);
    if (found.isEmpty()) {
      return false;
    }
    Object left = found.get(0);
    Object right = filter.right();
    return switch (filter.operator()) {
      case "" -> true;
      case "==" -> Objects.equals(left, right);
      case "!=" -> !Objects.equals(left, right);
      default -> {
        if (!(left instanceof Number a) || !(right instanceof Number b)) {
          yield false;
        }
        int order = Double.compare(a.doubleValue(), b.doubleValue());
        yield switch (filter.operator()) {
          case ">" -> order > 0;
          case "<" -> order < 0;
          case ">=" -> order >= 0;
          default -> order <= 0;
        };
      }
    };
  }
}
