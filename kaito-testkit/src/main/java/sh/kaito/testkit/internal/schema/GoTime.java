package sh.kaito.testkit.internal.schema;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import sh.kaito.testkit.internal.json.GoFormat;

/** Times of the Kubernetes API: read as Go reads RFC 3339, written in UTC. */
public final class GoTime {
  private static final String SECONDS = "2006-01-02T15:04:05Z07:00";
  private static final String MICROS = "2006-01-02T15:04:05.000000Z07:00";

  private final String text;
  private final String layout;
  private int pos;

  private GoTime(String text, String layout) {
    this.text = text;
    this.layout = layout;
  }

  /**
   * A {@code Time} as the server writes it back: whole seconds, UTC.
   *
   * @throws IllegalArgumentException with Go's message
   */
  public static String normalize(String text) {
    LocalDateTime utc = new GoTime(text, SECONDS).parse();
    return seconds(utc).append('Z').toString();
  }

  /**
   * A {@code MicroTime} as the server writes it back: exactly six fractional digits, UTC.
   *
   * @throws IllegalArgumentException with Go's message
   */
  public static String normalizeMicro(String text) {
    LocalDateTime utc = new GoTime(text, MICROS).parse();
    StringBuilder out = seconds(utc).append('.');
    return padded(out, utc.getNano() / 1000, 6).append('Z').toString();
  }

  /** By hand: every write of every object passes here several times. */
  private static StringBuilder seconds(LocalDateTime utc) {
    StringBuilder out = new StringBuilder(28);
    padded(out, utc.getYear(), 4).append('-');
    padded(out, utc.getMonthValue(), 2).append('-');
    padded(out, utc.getDayOfMonth(), 2).append('T');
    padded(out, utc.getHour(), 2).append(':');
    padded(out, utc.getMinute(), 2).append(':');
    return padded(out, utc.getSecond(), 2);
  }

  private static StringBuilder padded(StringBuilder out, int value, int width) {
    String digits = Integer.toString(value);
    for (int i = digits.length(); i < width; i++) {
      out.append('0');
    }
    return out.append(digits);
  }

  private LocalDateTime parse() {
    int year = number(4, "2006");
    literal("-");
    int month = number(2, "01");
    if (month < 1 || month > 12) {
      throw outOfRange("month");
    }
    literal("-");
    int day = number(2, "02");
    literal("T");
    int hour = number(2, "15");
    if (hour > 23) {
      throw outOfRange("hour");
    }
    literal(":");
    int minute = number(2, "04");
    if (minute > 59) {
      throw outOfRange("minute");
    }
    literal(":");
    int second = number(2, "05");
    if (second > 59) {
      throw outOfRange("second");
    }
    int nanos = layout.equals(MICROS) ? micros() : fraction();
    ZoneOffset offset = offset();
    if (pos < text.length()) {
      throw fail(": extra text: " + GoFormat.quote(text.substring(pos)));
    }
    if (day < 1 || day > YearMonth.of(year, month).lengthOfMonth()) {
      throw outOfRange("day");
    }
    try {
      return LocalDateTime.of(year, month, day, hour, minute, second, nanos)
          .minusSeconds(offset.getTotalSeconds());
    } catch (DateTimeException e) {
      throw outOfRange("day");
    }
  }

  private int number(int digits, String element) {
    for (int i = 0; i < digits; i++) {
      if (pos + i >= text.length() || !isDigit(text.charAt(pos + i))) {
        throw cannot(element);
      }
    }
    int value = Integer.parseInt(text.substring(pos, pos + digits));
    pos += digits;
    return value;
  }

  private int micros() {
    String rest = text.substring(pos);
    if (rest.length() < 7 || rest.charAt(0) != '.') {
      throw cannot(".000000");
    }
    for (int i = 1; i < 7; i++) {
      if (!isDigit(rest.charAt(i))) {
        throw cannot(".000000");
      }
    }
    pos += 7;
    return Integer.parseInt(rest.substring(1, 7)) * 1000;
  }

  /** A fraction that the layout does not ask for is read all the same. */
  private int fraction() {
    int end = pos + 1;
    if (end >= text.length()
        || (text.charAt(pos) != '.' && text.charAt(pos) != ',')
        || !isDigit(text.charAt(end))) {
      return 0;
    }
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    String digits = (text.substring(pos + 1, end) + "000000000").substring(0, 9);
    pos = end;
    return Integer.parseInt(digits);
  }

  private ZoneOffset offset() {
    if (pos < text.length() && text.charAt(pos) == 'Z') {
      pos++;
      return ZoneOffset.UTC;
    }
    String rest = text.substring(pos);
    boolean fits = rest.length() >= 6 && (rest.charAt(0) == '+' || rest.charAt(0) == '-');
    for (int i = 1; fits && i < 6; i++) {
      fits = i == 3 ? rest.charAt(i) == ':' : isDigit(rest.charAt(i));
    }
    if (!fits) {
      throw cannot("Z07:00");
    }
    int hours = Integer.parseInt(rest.substring(1, 3));
    int minutes = Integer.parseInt(rest.substring(4, 6));
    if (hours > 24) {
      throw outOfRange("time zone offset hour");
    }
    if (minutes > 60) {
      throw outOfRange("time zone offset minute");
    }
    pos += 6;
    int seconds = Math.min((hours * 60 + minutes) * 60, 18 * 3600);
    return ZoneOffset.ofTotalSeconds(rest.charAt(0) == '-' ? -seconds : seconds);
  }

  private void literal(String prefix) {
    if (!text.startsWith(prefix, pos)) {
      throw cannot(prefix);
    }
    pos += prefix.length();
  }

  private IllegalArgumentException cannot(String element) {
    String rest = pos >= text.length() ? "" : text.substring(pos);
    return fail(
        " as "
            + GoFormat.quote(layout)
            + ": cannot parse "
            + GoFormat.quote(rest)
            + " as "
            + GoFormat.quote(element));
  }

  private IllegalArgumentException outOfRange(String what) {
    return fail(": " + what + " out of range");
  }

  private IllegalArgumentException fail(String detail) {
    return new IllegalArgumentException("parsing time " + GoFormat.quote(text) + detail);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
