package sh.kaito.testkit.internal.schema;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as custom resources may write them: Go's {@code 1h30m}, or {@code 22 ns}. */
final class GoDuration {
  private static final Pattern GO =
      Pattern.compile("[-+]?(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)");
  private static final Pattern WORDS =
      Pattern.compile(
          "\\s*\\d+\\s*(ns|nano|nanos|nanosecond|nanoseconds|us|µs|micro|micros|microsecond"
              + "|microseconds|ms|milli|millis|millisecond|milliseconds|s|sec|secs|second|seconds"
              + "|m|min|mins|minute|minutes|h|hr|hour|hours|d|day|days|w|week|weeks)\\s*");

  private GoDuration() {}

  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)([a-zµμ]+)");

  /** A duration in Go's notation; null for other notations. */
  static @Nullable Duration parse(String text) {
    if (!GO.matcher(text).matches()) {
      return null;
    }
    Matcher part = PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    while (part.find()) {
      long unit =
          switch (part.group(2)) {
            case "ns" -> 1L;
            case "us", "µs", "μs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
          };
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
    }
    Duration duration = Duration.ofNanos(nanos.longValue());
    return text.startsWith("-") ? duration.negated() : duration;
  }

  static boolean isValid(String text) {
    return GO.matcher(text).matches() || WORDS.matcher(text).matches();
  }
}
