package sh.kaito.core.kube;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;

/**
 * The {@link Scheduler} of a running process: a small pool of daemon threads, one timer thread, and
 * a clock that follows the system's but never runs backwards.
 *
 * <p>What a task throws is logged; the pool lives on. After {@link #close()} tasks are refused with
 * {@link RejectedExecutionException}, timers that have not fired never do, and no thread is left.
 *
 * <p>Thread-safe.
 */
public final class SystemScheduler implements Scheduler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SystemScheduler.class);

  private static final int MOST_THREADS = 4;

  /** Tasks do not block, so this is waited only for a task that breaks that rule. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final MonotonicClock clock = MonotonicClock.ofSystem();
  private final DaemonThreads poolThreads;
  private final DaemonThreads timerThread;
  private final ThreadPoolExecutor pool;
  private final ScheduledThreadPoolExecutor timers;

  private SystemScheduler(String name, int threads) {
    this.poolThreads = new DaemonThreads(name);
    this.timerThread = new DaemonThreads(name + "-timer");
    this.pool =
        new ThreadPoolExecutor(
            threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), poolThreads);
    pool.allowCoreThreadTimeOut(true);
    this.timers = new ScheduledThreadPoolExecutor(1, timerThread);
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** A scheduler with one thread per processor, two at least and four at most. */
  public static SystemScheduler create() {
    int processors = Runtime.getRuntime().availableProcessors();
    return create("kaito", Math.max(2, Math.min(MOST_THREADS, processors)));
  }

  /**
   * A scheduler with its own threads.
   *
   * @param name first part of the threads' names; {@code kaito} gives {@code kaito-1}, {@code
   *     kaito-timer-1}
   * @param threads how many tasks may run at once, at least one; the timer thread comes on top
   */
  public static SystemScheduler create(String name, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("A scheduler needs one thread at least, was " + threads);
    }
    return new SystemScheduler(name, threads);
  }

  /**
   * UTC. Advances with {@link System#nanoTime()}; leaps forward with the system's clock where that
   * is more than a second ahead (a machine that slept), and never back.
   */
  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Executor executor() {
    return task -> pool.execute(() -> run(task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    ScheduledFuture<?> future =
        timers.schedule(
            () -> pool.execute(() -> run(task)),
            Math.max(0, delay.toNanos()),
            TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public RandomGenerator random() {
    return ThreadLocalRandom.current();
  }

  /**
   * Ends all threads: drops what has not started and waits for what runs, five seconds at most (not
   * at all when called from a task). Idempotent.
   */
  @Override
  public void close() {
    timers.shutdownNow();
    pool.shutdownNow();
    if (poolThreads.isCaller()) {
      return;
    }
    try {
      if (!timerThread.join(CLOSE_LIMIT) || !poolThreads.join(CLOSE_LIMIT)) {
        LOG.warn("A task still runs {} after its scheduler was closed; it blocks.", CLOSE_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("CatchingUnchecked")
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Exception e) {
      LOG.error("A task failed: {}", task, e);
    }
  }
}
