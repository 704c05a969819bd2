package sh.kaito.testkit.internal.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A recursive-descent JSON reader over UTF-8 bytes. Own code instead of a library for two reasons:
 * the error wording has to be that of Go's scanner, and repeated keys have to be known with their
 * path. One use, one thread.
 */
final class JsonReader {
  /**
   * Go's decoder stops at 10,000 levels. Here everything that walks a document recurses, and a
   * thread's stack is smaller, so the refusal comes earlier, with the same words.
   */
  private static final int MAX_DEPTH = 500;

  private final byte[] in;
  private final boolean track;
  private final List<Object> path = new ArrayList<>();
  private final Set<String> duplicates = new LinkedHashSet<>();
  private int pos;
  private int depth;

  JsonReader(byte[] in, boolean track) {
    this.in = in;
    this.track = track;
  }

  List<String> duplicates() {
    return List.copyOf(duplicates);
  }

  @Nullable Object read() {
    skipBlanks();
    Object value = value();
    skipBlanks();
    if (pos < in.length) {
      throw invalid("after top-level value");
    }
    return value;
  }

  private @Nullable Object value() {
    if (pos >= in.length) {
      throw end();
    }
    return switch (in[pos]) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> literal("true", Boolean.TRUE);
      case 'f' -> literal("false", Boolean.FALSE);
      case 'n' -> literal("null", null);
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw invalid("looking for beginning of value");
    };
  }

  private Map<String, @Nullable Object> object() {
    enter();
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    pos++;
    skipBlanks();
    if (peek() == '}') {
      pos++;
      depth--;
      return result;
    }
    while (true) {
      if (peek() != '"') {
        throw invalid("looking for beginning of object key string");
      }
      String key = string();
      skipBlanks();
      if (peek() != ':') {
        throw invalid("after object key");
      }
      pos++;
      skipBlanks();
      if (track) {
        path.add(key);
        int before = result.size();
        Object value = value();
        result.put(key, value);
        if (result.size() == before) {
          duplicates.add(pathText());
        }
        path.remove(path.size() - 1);
      } else {
        Object value = value();
        result.put(key, value);
      }
      skipBlanks();
      int next = peek();
      pos++;
      if (next == '}') {
        depth--;
        return result;
      }
      if (next != ',') {
        pos--;
        throw invalid("after object key:value pair");
      }
      skipBlanks();
    }
  }

  private List<@Nullable Object> array() {
    enter();
    List<@Nullable Object> result = new ArrayList<>(4);
    pos++;
    skipBlanks();
    if (peek() == ']') {
      pos++;
      depth--;
      return result;
    }
    while (true) {
      if (track) {
        path.add(result.size());
        result.add(value());
        path.remove(path.size() - 1);
      } else {
        result.add(value());
      }
      skipBlanks();
      int next = peek();
      pos++;
      if (next == ']') {
        depth--;
        return result;
      }
      if (next != ',') {
        pos--;
        throw invalid("after array element");
      }
      skipBlanks();
    }
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw new JsonParseException("exceeded max depth", in, pos, false);
    }
  }

  private String pathText() {
    StringBuilder text = new StringBuilder();
    for (Object step : path) {
      if (step instanceof Integer index) {
        text.append('[').append(index).append(']');
      } else {
        if (!text.isEmpty()) {
          text.append('.');
        }
        text.append(step);
      }
    }
    return text.toString();
  }

  private @Nullable Object literal(String word, @Nullable Object value) {
    for (int i = 1; i < word.length(); i++) {
      pos++;
      if (pos >= in.length) {
        throw end();
      }
      if (in[pos] != word.charAt(i)) {
        throw invalid("in literal " + word + " (expecting '" + word.charAt(i) + "')");
      }
    }
    pos++;
    return value;
  }

  private Object number() {
    int start = pos;
    boolean integer = true;
    if (in[pos] == '-') {
      pos++;
      if (!isDigit(peek())) {
        throw invalid("in numeric literal");
      }
    }
    if (in[pos] == '0') {
      pos++;
    } else {
      digits();
    }
    if (pos < in.length && in[pos] == '.') {
      integer = false;
      pos++;
      if (!isDigit(peek())) {
        throw invalid("after decimal point in numeric literal");
      }
      digits();
    }
    if (pos < in.length && (in[pos] == 'e' || in[pos] == 'E')) {
      integer = false;
      pos++;
      int sign = peek();
      if (sign == '+' || sign == '-') {
        pos++;
      }
      if (!isDigit(peek())) {
        throw invalid("in exponent of numeric literal");
      }
      digits();
    }
    if (integer && pos - start <= 18) {
      return smallLong(start);
    }
    String text = new String(in, start, pos - start, StandardCharsets.ISO_8859_1);
    if (integer) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException tooLarge) {
        return finite(text);
      }
    }
    return finite(text);
  }

  private Double finite(String text) {
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw new JsonParseException(
          "json: cannot unmarshal number " + text + " into Go value of type float64",
          in,
          pos,
          false);
    }
    return value;
  }

  private Long smallLong(int start) {
    int i = start;
    boolean negative = in[i] == '-';
    if (negative) {
      i++;
    }
    long value = 0;
    for (; i < pos; i++) {
      value = value * 10 + (in[i] - '0');
    }
    return negative ? -value : value;
  }

  private void digits() {
    while (pos < in.length && isDigit(in[pos])) {
      pos++;
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private String string() {
    int start = ++pos;
    boolean ascii = true;
    while (pos < in.length) {
      byte c = in[pos];
      if (c == '"') {
        String text =
            new String(
                in,
                start,
                pos - start,
                ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        pos++;
        return text;
      }
      if (c == '\\') {
        return escapedString(start);
      }
      if (c < 0) {
        ascii = false;
      } else if (c < 0x20) {
        throw invalid("in string literal");
      }
      pos++;
    }
    throw end();
  }

  /** The slow path, from the first backslash on; {@code start} is the first byte of the text. */
  private String escapedString(int start) {
    StringBuilder text = new StringBuilder();
    int from = start;
    while (pos < in.length) {
      byte c = in[pos];
      if (c == '"') {
        text.append(new String(in, from, pos - from, StandardCharsets.UTF_8));
        pos++;
        return replaceLoneSurrogates(text);
      }
      if (c == '\\') {
        text.append(new String(in, from, pos - from, StandardCharsets.UTF_8));
        pos++;
        escape(text);
        from = pos;
      } else if (c >= 0 && c < 0x20) {
        throw invalid("in string literal");
      } else {
        pos++;
      }
    }
    throw end();
  }

  private void escape(StringBuilder text) {
    int c = peek();
    switch (c) {
      case '"', '\\', '/' -> text.append((char) c);
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'n' -> text.append('\n');
      case 'r' -> text.append('\r');
      case 't' -> text.append('\t');
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          pos++;
          int digit = Character.digit(peek(), 16);
          if (digit < 0) {
            throw invalid("in \\u hexadecimal character escape");
          }
          code = code * 16 + digit;
        }
        text.append((char) code);
      }
      default -> throw invalid("in string escape code");
    }
    pos++;
  }

  private static String replaceLoneSurrogates(StringBuilder text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        text.setCharAt(i, '\uFFFD');
      }
    }
    return text.toString();
  }

  private void skipBlanks() {
    while (pos < in.length) {
      byte c = in[pos];
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
        return;
      }
      pos++;
    }
  }

  private int peek() {
    if (pos >= in.length) {
      throw end();
    }
    return in[pos];
  }

  private JsonParseException end() {
    return new JsonParseException("unexpected end of JSON input", in, in.length, true);
  }

  private JsonParseException invalid(String context) {
    return new JsonParseException(
        "invalid character " + quoted(in[pos] & 0xFF) + " " + context, in, pos, false);
  }

  /** One byte as Go's scanner quotes it: bytes above 127 as the Latin-1 character. */
  private static String quoted(int c) {
    return switch (c) {
      case '\'' -> "'\\''";
      case '"' -> "'\"'";
      case '\\' -> "'\\\\'";
      case '\n' -> "'\\n'";
      case '\r' -> "'\\r'";
      case '\t' -> "'\\t'";
      case '\b' -> "'\\b'";
      case '\f' -> "'\\f'";
      case 7 -> "'\\a'";
      case 11 -> "'\\v'";
      default ->
          c < 0x20 || c == 0x7F
              ? String.format("'\\x%02x'", c)
              : c > 0x7F && (c < 0xA0 || c == 0xAD)
                  ? String.format("'\\u%04x'", c)
                  : "'" + (char) c + "'";
    };
  }
}
