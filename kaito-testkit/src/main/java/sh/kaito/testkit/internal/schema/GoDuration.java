package sh.kaito.testkit.internal.schema;

import java.util.regex.Pattern;

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

  static boolean isValid(String text) {
    return GO.matcher(text).matches() || WORDS.matcher(text).matches();
  }
}
