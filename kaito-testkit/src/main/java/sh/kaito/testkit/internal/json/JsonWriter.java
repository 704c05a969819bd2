package sh.kaito.testkit.internal.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes JSON as Go's encoder does: compact, {@code <>&} escaped, floats in the shortest form. */
final class JsonWriter {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

  private final boolean sorted;
  private byte[] out = new byte[512];
  private int size;

  JsonWriter(boolean sorted) {
    this.sorted = sorted;
  }

  byte[] toBytes() {
    return Arrays.copyOf(out, size);
  }

  JsonWriter write(@Nullable Object value) {
    if (value == null) {
      ascii("null");
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Map<?, ?> map) {
      object(map);
    } else if (value instanceof List<?> list) {
      array(list);
    } else if (value instanceof Double number) {
      ascii(GoNumbers.json(number));
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Boolean
        || value instanceof BigInteger) {
      ascii(value.toString());
    } else if (value instanceof BigDecimal number) {
      ascii(GoNumbers.json(number.doubleValue()));
    } else {
      throw new IllegalArgumentException(
          "no JSON value: "
              + value.getClass().getName()
              + "; allowed are Map, List, String, Boolean, Long, Integer, Double, BigInteger, null");
    }
    return this;
  }

  private void object(Map<?, ?> map) {
    put('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : (sorted ? new TreeMap<>(map) : map).entrySet()) {
      if (!first) {
        put(',');
      }
      first = false;
      string((String) entry.getKey());
      put(':');
      write(entry.getValue());
    }
    put('}');
  }

  private void array(List<?> list) {
    put('[');
    for (int i = 0; i < list.size(); i++) {
      if (i > 0) {
        put(',');
      }
      write(list.get(i));
    }
    put(']');
  }

  private void string(String text) {
    int length = text.length();
    reserve(length + 2);
    out[size++] = '"';
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&') {
        put(c);
      } else {
        i += special(text, i, c);
      }
    }
    put('"');
  }

  /** Writes a character that needs care; answers how many further chars it consumed. */
  private int special(String text, int i, char c) {
    switch (c) {
      case '"' -> ascii("\\\"");
      case '\\' -> ascii("\\\\");
      case '\n' -> ascii("\\n");
      case '\r' -> ascii("\\r");
      case '\t' -> ascii("\\t");
      case '\b' -> ascii("\\b");
      case '\f' -> ascii("\\f");
      default -> {
        if (c < 0x80 || c == '\u2028' || c == '\u2029') {
          ascii("\\u");
          put((char) HEX[c >> 12 & 0xF]);
          put((char) HEX[c >> 8 & 0xF]);
          put((char) HEX[c >> 4 & 0xF]);
          put((char) HEX[c & 0xF]);
          return 0;
        }
        if (Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          utf8(Character.toCodePoint(c, text.charAt(i + 1)));
          return 1;
        }
        utf8(Character.isSurrogate(c) ? 0xFFFD : c);
      }
    }
    return 0;
  }

  private void utf8(int code) {
    reserve(4);
    if (code < 0x800) {
      out[size++] = (byte) (0xC0 | code >> 6);
    } else {
      if (code < 0x10000) {
        out[size++] = (byte) (0xE0 | code >> 12);
      } else {
        out[size++] = (byte) (0xF0 | code >> 18);
        out[size++] = (byte) (0x80 | code >> 12 & 0x3F);
      }
      out[size++] = (byte) (0x80 | code >> 6 & 0x3F);
    }
    out[size++] = (byte) (0x80 | code & 0x3F);
  }

  private void ascii(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      out[size++] = (byte) text.charAt(i);
    }
  }

  private void put(char c) {
    reserve(1);
    out[size++] = (byte) c;
  }

  private void reserve(int more) {
    if (size + more > out.length) {
      out = Arrays.copyOf(out, Math.max(out.length * 2, size + more));
    }
  }
}
