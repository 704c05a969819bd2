package sh.kaito.core.internal.kube;

import java.time.Duration;

/**
 * The waits of a {@link Reflector}.
 *
 * @param backoff between failed attempts
 * @param requestDeadline how long one page of a list may take
 * @param shortestWatch least {@code timeoutSeconds} of a watch; whole seconds
 * @param longestWatch largest; each watch draws one between, so that many clients do not return in
 *     one instant
 */
public record ReflectorTimings(
    Backoff backoff, Duration requestDeadline, Duration shortestWatch, Duration longestWatch) {

  /** Watches of 5 to 10 minutes, as client-go's reflector asks for; a minute for a page. */
  public static final ReflectorTimings DEFAULT =
      new ReflectorTimings(
          Backoff.DEFAULT, Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(10));

  public ReflectorTimings {
    if (shortestWatch.toSeconds() < 1 || longestWatch.compareTo(shortestWatch) < 0) {
      throw new IllegalArgumentException(
          "A watch needs a second at least, and its limits in order: "
              + shortestWatch
              + ", "
              + longestWatch);
    }
    if (requestDeadline.isNegative() || requestDeadline.isZero()) {
      throw new IllegalArgumentException("requestDeadline must be positive: " + requestDeadline);
    }
  }
}
