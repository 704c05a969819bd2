package sh.kaito.testkit.tck;

import java.time.Duration;

/** How a purchase goes wrong. */
public enum PurchaseFault {
  /** Refused with the wish to wait for {@link #RETRY_AFTER}; no effect. */
  THROTTLED,
  /** The second purchase and those after it are refused for good; no effect. */
  SECOND_REFUSED,
  /** No answer, no effect. The first purchase alone. */
  LOST,
  /** It takes effect, and the answer is lost. The first purchase alone. */
  ANSWER_LOST,
  /** No answer, and it takes effect {@link #LATE} later. The first purchase alone. */
  LATE_EFFECT,
  /** It takes effect at once, and the answer comes {@link #LATE} later. The first alone. */
  SLOW_ANSWER;

  /** How long a throttled purchase is asked to wait. */
  public static final Duration RETRY_AFTER = Duration.ofMinutes(2);

  /** How late what is late comes. */
  public static final Duration LATE = Duration.ofSeconds(45);
}
