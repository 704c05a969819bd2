package sh.kaito.core.kube;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * Makes daemon threads of one owner, numbered, and remembers them, so that the owner can wait until
 * they are really gone: a pool counts as terminated a moment before its last thread has ended.
 */
final class DaemonThreads implements ThreadFactory {
  private final String name;
  private final List<OwnedThread> threads = new ArrayList<>();
  private int number;

  /**
   * Threads with a common name.
   *
   * @param name first part; {@code kaito} gives {@code kaito-1}, {@code kaito-2}
   */
  DaemonThreads(String name) {
    this.name = name;
  }

  @Override
  public synchronized Thread newThread(Runnable task) {
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    OwnedThread thread = new OwnedThread(this, task, name + "-" + ++number);
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  /** Whether the caller runs on one of these threads. */
  boolean isCaller() {
    return Thread.currentThread() instanceof OwnedThread own && own.owner == this;
  }

  /** Those that have not ended. */
  synchronized List<Thread> alive() {
    return threads.stream().filter(Thread::isAlive).map(Thread.class::cast).toList();
  }

  /**
   * Waits until all have ended; the caller must have told them to.
   *
   * @return whether they have, within the limit
   */
  boolean join(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    // A pool replaces a thread that a task's exception ended, so those that wait may change.
    for (List<Thread> left = alive(); !left.isEmpty(); left = alive()) {
      long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (millis <= 0) {
        return false;
      }
      left.get(0).join(millis);
    }
    return true;
  }

  private static final class OwnedThread extends Thread {
    private final DaemonThreads owner;

    OwnedThread(DaemonThreads owner, Runnable task, String name) {
      super(task, name);
      this.owner = owner;
    }
  }
}
