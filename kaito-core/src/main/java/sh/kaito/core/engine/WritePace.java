package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Slows a Workspace down whose writes follow each other without end: somebody else writes the
 * contrary each time, such as a second controller or a webhook. A Workspace on its way to ready
 * needs a fifth of what is let through. Not thread-safe.
 */
final class WritePace {
  private static final int BURST = 25;

  /** Whoever was paused and goes on like that is paused again sooner. */
  private static final int NEXT_BURST = 5;

  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private final Deque<Instant> recent = new ArrayDeque<>();
  private Instant pausedUntil = Instant.MIN;
  private Duration pause = FIRST_PAUSE;
  private int burst = BURST;

  /** A round has written. */
  void wrote(Instant now) {
    if (now.isAfter(pausedUntil.plus(pause).plus(WINDOW))) {
      pause = FIRST_PAUSE;
      burst = BURST;
    }
    recent.addLast(now);
    while (recent.peekFirst() != null && recent.peekFirst().plus(WINDOW).isBefore(now)) {
      recent.removeFirst();
    }
    if (recent.size() >= burst) {
      recent.clear();
      burst = NEXT_BURST;
      pausedUntil = now.plus(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  /** How long to wait before the next round; zero for not at all. */
  Duration untilNext(Instant now) {
    return now.isBefore(pausedUntil) ? Duration.between(now, pausedUntil) : Duration.ZERO;
  }
}
