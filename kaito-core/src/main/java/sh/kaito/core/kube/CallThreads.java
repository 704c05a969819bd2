package sh.kaito.core.kube;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Daemon threads for HTTP calls: one per call under way, kept for ten seconds after it. */
final class CallThreads extends AbstractExecutorService {
  private static final Logger LOG = LoggerFactory.getLogger(CallThreads.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final DaemonThreads threads;
  private final ThreadPoolExecutor pool;

  CallThreads(String name) {
    this.threads = new DaemonThreads(name);
    this.pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = threads.newThread(task);
              // OkHttp reports what an interceptor throws to the callback and then throws it again.
              thread.setUncaughtExceptionHandler(
                  (failed, e) -> LOG.debug("A call of {} failed", failed.getName(), e));
              return thread;
            });
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /**
   * Lets running tasks end and waits for them, unless called from one of them.
   *
   * @return whether they have ended
   */
  boolean close() {
    pool.shutdown();
    if (threads.isCaller()) {
      return true;
    }
    try {
      return threads.join(CLOSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Threads that run a call, or wait for the next. */
  List<Thread> alive() {
    return threads.alive();
  }

  @Override
  public void shutdown() {
    pool.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return pool.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return pool.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return pool.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return pool.awaitTermination(timeout, unit);
  }
}
