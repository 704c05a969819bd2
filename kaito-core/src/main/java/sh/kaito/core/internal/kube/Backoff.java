package sh.kaito.core.internal.kube;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits that double from failure to failure, with jitter on top so that many clients of a server
 * that comes back do not return in one instant. client-go's reflector uses the same figures: 0.8 s
 * to 30 s, factor 2, jitter of up to the whole wait.
 *
 * @param first wait after the first failure, before jitter
 * @param most longest wait, before jitter
 */
public record Backoff(Duration first, Duration most) {
  public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(800), Duration.ofSeconds(30));

  public Backoff {
    if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("Waits must grow: first " + first + ", most " + most);
    }
  }

  /**
   * The wait after a number of failures in a row.
   *
   * @param failures one or more
   * @return between the doubled wait and twice that
   */
  public Duration delay(int failures, RandomGenerator random) {
    // 2^30 times any first wait is beyond every sensible limit, and keeps the shift in range.
    long factor = 1L << Math.min(30, Math.max(0, failures - 1));
    long nanos =
        factor > most.toNanos() / first.toNanos()
            ? most.toNanos()
            : Math.min(most.toNanos(), first.toNanos() * factor);
    return Duration.ofNanos(nanos + random.nextLong(nanos));
  }
}
