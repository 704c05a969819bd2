package sh.kaito.core.provision;

import java.time.Duration;
import sh.kaito.api.provision.ProvisionFailure;

/** How long to wait before something that failed is tried again. Pure. */
final class BackOff {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private BackOff() {}

  /** One second, twice as long after each further attempt, five minutes at most. */
  static Duration after(int attempts) {
    Duration wait = FIRST.multipliedBy(1L << Math.min(attempts, 20));
    return wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
  }

  /** The longer of that and of what was asked for: a Retry-After of 0 is no licence. */
  static Duration after(ProvisionFailure failure, int attempts) {
    Duration own = after(attempts);
    Duration asked = failure.retryAfter().orElse(own);
    return asked.compareTo(own) > 0 ? asked : own;
  }
}
