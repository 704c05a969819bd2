package sh.kaito.testkit.internal.apiserver;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Values as Go prints them into messages. */
public final class Quoting {
  private Quoting() {}

  /** A string as {@code %q} prints it. */
  public static String go(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case 11 -> out.append("\\v");
                default -> {
                  if (c < 0x20 || c == 0x7f) {
                    out.append(String.format(Locale.ROOT, "\\x%02x", c));
                  } else if (Character.isISOControl(c) || !Character.isDefined(c)) {
                    out.append(String.format(Locale.ROOT, c > 0xffff ? "\\U%08x" : "\\u%04x", c));
                  } else {
                    out.appendCodePoint(c);
                  }
                }
              }
            });
    return out.append('"').toString();
  }

  /** A JSON value as field errors print it: strings quoted the Go way, the rest as JSON. */
  public static String json(@Nullable Object value) {
    return value instanceof String text ? go(text) : Json.writeString(value);
  }
}
