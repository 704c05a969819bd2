package sh.kaito.testkit.internal.json;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON values as Go's {@code fmt} prints them into the server's messages. */
public final class GoFormat {
  private GoFormat() {}

  /** A string as {@code %q} prints it. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case 7 -> out.append("\\a");
        case 11 -> out.append("\\v");
        default -> {
          if (c < 0x20 || c == 0x7F) {
            out.append(String.format(Locale.ROOT, "\\x%02x", c));
          } else if (isPrintable(c)) {
            out.appendCodePoint(c);
          } else {
            out.append(String.format(Locale.ROOT, c > 0xFFFF ? "\\U%08x" : "\\u%04x", c));
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private static boolean isPrintable(int c) {
    if (c == ' ') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** A value as a field error prints it: strings quoted, objects and lists as JSON. */
  public static String fieldValue(@Nullable Object value) {
    if (value instanceof String text) {
      return quote(text);
    }
    if (value instanceof Map<?, ?> || value instanceof List<?>) {
      return Json.writeSorted(value);
    }
    return value == null ? "null" : plain(value);
  }

  /** As {@code %v} prints a decoded JSON value: {@code map[a:1 b:[x y]]}. */
  public static String plain(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    plain(value, out);
    return out.toString();
  }

  private static void plain(@Nullable Object value, StringBuilder out) {
    if (value == null) {
      out.append("<nil>");
    } else if (value instanceof Double number) {
      out.append(GoNumbers.general(number));
    } else if (value instanceof Map<?, ?> map) {
      out.append("map[");
      String separator = "";
      for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
        out.append(separator).append(entry.getKey()).append(':');
        plain(entry.getValue(), out);
        separator = " ";
      }
      out.append(']');
    } else if (value instanceof List<?> list) {
      out.append('[');
      String separator = "";
      for (Object item : list) {
        out.append(separator);
        plain(item, out);
        separator = " ";
      }
      out.append(']');
    } else {
      out.append(value);
    }
  }

  /** As {@code %#v} prints a decoded JSON value: {@code map[string]interface {}{"a":1}}. */
  public static String syntax(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    syntax(value, out);
    return out.toString();
  }

  private static void syntax(@Nullable Object value, StringBuilder out) {
    if (value == null) {
      out.append("interface {}(nil)");
    } else if (value instanceof String text) {
      out.append(quote(text));
    } else if (value instanceof Double number) {
      out.append(GoNumbers.general(number));
    } else if (value instanceof Map<?, ?> map) {
      out.append("map[string]interface {}{");
      String separator = "";
      for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
        out.append(separator).append(quote(String.valueOf(entry.getKey()))).append(':');
        syntax(entry.getValue(), out);
        separator = ", ";
      }
      out.append('}');
    } else if (value instanceof List<?> list) {
      out.append("[]interface {}{");
      String separator = "";
      for (Object item : list) {
        out.append(separator);
        syntax(item, out);
        separator = ", ";
      }
      out.append('}');
    } else {
      out.append(value);
    }
  }

  /** The Go type of a decoded JSON value as {@code %T} prints it. */
  public static String type(@Nullable Object value) {
    if (value == null) {
      return "<nil>";
    }
    if (value instanceof String) {
      return "string";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof Double) {
      return "float64";
    }
    if (value instanceof Map<?, ?>) {
      return "map[string]interface {}";
    }
    return value instanceof List<?> ? "[]interface {}" : "int64";
  }
}
