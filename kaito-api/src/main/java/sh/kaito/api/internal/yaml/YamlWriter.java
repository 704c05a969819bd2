package sh.kaito.api.internal.yaml;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain trees as block YAML in the way of {@code kubectl get -o yaml}. A string is quoted
 * wherever YAML 1.1 (which kubectl speaks: {@code yes}, {@code 0755}, {@code 1_000}) or YAML 1.2
 * would read something else than that string.
 */
public final class YamlWriter {

  /** Strings that need no quotes: they begin with a letter and hold nothing that YAML reacts to. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./@+=()-]*");

  /** The same with single inner spaces and colons inside words: sentences and image references. */
  private static final Pattern PLAIN_TEXT =
      Pattern.compile(
          "[A-Za-z/][A-Za-z0-9_./@+=()',;-]*([ :][A-Za-z0-9_./@+=()][A-Za-z0-9_./@+=()',;-]*)*");

  private static final Set<String> RESERVED =
      Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /** One document without leading {@code ---}, ended by a line break. */
  public static String write(@Nullable Object tree) {
    YamlWriter writer = new YamlWriter();
    writer.value(tree, 0, false);
    return writer.out.toString();
  }

  private void value(@Nullable Object value, int indent, boolean inline) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      mapping(map, indent, inline);
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      sequence(list, indent, inline);
    } else {
      scalar(value, indent);
      out.append('\n');
    }
  }

  private void mapping(Map<?, ?> map, int indent, boolean inline) {
    boolean first = inline;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!first) {
        indent(indent);
      }
      first = false;
      key(String.valueOf(entry.getKey()));
      out.append(':');
      child(entry.getValue(), indent);
    }
  }

  private void child(@Nullable Object value, int indent) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      out.append('\n');
      mapping(map, indent + 2, false);
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      out.append('\n');
      sequence(list, indent, false);
    } else {
      out.append(' ');
      scalar(value, indent + 2);
      out.append('\n');
    }
  }

  private void sequence(List<?> list, int indent, boolean inline) {
    Iterator<?> elements = list.iterator();
    boolean first = inline;
    while (elements.hasNext()) {
      if (!first) {
        indent(indent);
      }
      first = false;
      out.append("- ");
      value(elements.next(), indent + 2, true);
    }
  }

  private void scalar(@Nullable Object value, int indent) {
    if (value instanceof String text) {
      string(text, indent);
    } else if (value instanceof Map<?, ?>) {
      out.append("{}");
    } else if (value instanceof List<?>) {
      out.append("[]");
    } else {
      out.append(value); // numbers, booleans and null are spelled alike in Java, JSON and YAML
    }
  }

  /** Always on one line. */
  private void key(String text) {
    if (isPlain(text)) {
      out.append(text);
    } else {
      quoted(text);
    }
  }

  private void string(String text, int indent) {
    if (isPlain(text)) {
      out.append(text);
    } else if (isBlock(text)) {
      block(text, indent);
    } else {
      quoted(text);
    }
  }

  private static boolean isPlain(String text) {
    return text.length() < 200
        && (PLAIN.matcher(text).matches() || PLAIN_TEXT.matcher(text).matches())
        && !RESERVED.contains(text.toLowerCase(java.util.Locale.ROOT));
  }

  private static boolean isBlock(String text) {
    if (text.indexOf('\n') < 0 || text.startsWith(" ") || text.startsWith("\n")) {
      return false;
    }
    if (text.contains(" \n") || text.endsWith("\n\n")) {
      return false;
    }
    return text.chars().allMatch(c -> c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f))
        && !text.startsWith("\t");
  }

  private void block(String text, int indent) {
    boolean ended = text.endsWith("\n");
    out.append(ended ? "|" : "|-");
    for (String line : (ended ? text.substring(0, text.length() - 1) : text).split("\n", -1)) {
      out.append('\n');
      if (!line.isEmpty()) {
        indent(Math.max(indent, 2));
        out.append(line);
      }
    }
  }

  private void quoted(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        default -> {
          if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private void indent(int spaces) {
    out.append(" ".repeat(spaces));
  }
}
