package sh.kaito.api.kube;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Time and threads as the library sees them. One implementation runs on the wall clock and a small
 * pool; the one of the test kit is virtual: single-threaded, seeded, and it jumps to the next timer
 * when all is idle. No code of the library reads the wall clock, starts a thread or sleeps in any
 * other way.
 *
 * <p>Thread-safe.
 */
public interface Scheduler {

  /** The clock. Its instants never run backwards within one process. */
  Clock clock();

  /** Runs tasks soon, in no promised order. A task must not block. */
  Executor executor();

  /**
   * Runs a task once, not before the delay is over.
   *
   * @param delay zero or negative: soon
   */
  Timer schedule(Duration delay, Runnable task);

  /** Randomness for jitter only, never for names or decisions; seeded where time is virtual. */
  RandomGenerator random();

  /** A task that is due later. */
  @FunctionalInterface
  interface Timer {
    /** Takes the task back if it has not started. Idempotent. */
    void cancel();
  }
}
