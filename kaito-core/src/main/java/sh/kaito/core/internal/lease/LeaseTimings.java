package sh.kaito.core.internal.lease;

import java.time.Duration;

/**
 * The times of a leader election. client-go's defaults are 15, 10 and 2 seconds.
 *
 * @param lease for so long after a renewal that others have seen they do not take over; whole
 *     seconds, because that is what a Lease holds
 * @param renewDeadline so long after the sending of the last renewal that was confirmed a leader
 *     still writes; what is left of {@code lease} then is the margin for clocks and answers
 * @param retryPeriod between two renewals of a leader, and two looks of a candidate
 */
public record LeaseTimings(Duration lease, Duration renewDeadline, Duration retryPeriod) {

  public LeaseTimings {
    if (lease.toSeconds() < 1 || !lease.equals(Duration.ofSeconds(lease.toSeconds()))) {
      throw new IllegalArgumentException(
          "leaseDuration: found " + lease + ", allowed are whole seconds, 1 or more");
    }
    if (renewDeadline.compareTo(lease) >= 0) {
      throw new IllegalArgumentException(
          "renewDeadline: found "
              + renewDeadline
              + ", allowed is less than leaseDuration ("
              + lease
              + "); the difference is what clocks may be apart");
    }
    if (retryPeriod.isNegative() || retryPeriod.isZero()) {
      throw new IllegalArgumentException("retryPeriod: found " + retryPeriod + ", must be above 0");
    }
    // Waits get up to a fifth of jitter on top, as client-go's do.
    if (retryPeriod.multipliedBy(12).dividedBy(10).compareTo(renewDeadline) >= 0) {
      throw new IllegalArgumentException(
          "retryPeriod: found "
              + retryPeriod
              + ", allowed is less than renewDeadline / 1.2 ("
              + renewDeadline
              + "); a leader must be able to try more than once");
    }
  }
}
