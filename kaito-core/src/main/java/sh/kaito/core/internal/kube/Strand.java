package sh.kaito.core.internal.kube;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after the other, in the order they were handed in, on threads of another executor.
 * What one task wrote the next one sees; no lock is held while a task runs. A task that throws lets
 * the executor deal with it and does not stop the others. Thread-safe.
 */
public final class Strand implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(Strand.class);

  /** After so many tasks the strand queues up behind other work of the executor. */
  private static final int TURN = 64;

  private final Executor executor;
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private boolean active;

  public Strand(Executor executor) {
    this.executor = executor;
  }

  /** Hands in a task. Once the executor is shut down, tasks are dropped. */
  @Override
  public void execute(Runnable task) {
    synchronized (queue) {
      queue.add(task);
      if (active) {
        return;
      }
      active = true;
    }
    submit();
  }

  private void submit() {
    try {
      executor.execute(this::takeTurn);
    } catch (RejectedExecutionException e) {
      // The process is going down; late answers and events have nobody left to hear them.
      synchronized (queue) {
        LOG.debug("Dropped {} tasks of a strand whose executor is shut down", queue.size());
        queue.clear();
        active = false;
      }
    }
  }

  private void takeTurn() {
    boolean more = true;
    try {
      for (int i = 0; i < TURN; i++) {
        Runnable task = next();
        if (task == null) {
          more = false;
          return;
        }
        task.run();
      }
    } finally {
      if (more) {
        submit();
      }
    }
  }

  private @Nullable Runnable next() {
    synchronized (queue) {
      Runnable task = queue.poll();
      if (task == null) {
        active = false;
      }
      return task;
    }
  }

  @Override
  public String toString() {
    return "Strand";
  }
}
