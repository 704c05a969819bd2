package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;

/**
 * Keys that wait to be reconciled: each at most once, first come first served, a bounded number at
 * a time. A key that is added while it is under way is reconciled once more afterwards.
 */
final class WorkQueue {
  private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);

  /** After an error of the engine itself, not of a request: a defect, so slowly. */
  private static final Duration AFTER_DEFECT = Duration.ofSeconds(30);

  private final Scheduler scheduler;
  private final Function<WorkspaceKey, CompletionStage<ReconcileResult>> reconcile;
  private final int atOnce;
  private final Object lock = new Object();
  private final Queue<WorkspaceKey> waiting = new ArrayDeque<>();
  private final Set<WorkspaceKey> queued = new HashSet<>();
  private final Set<WorkspaceKey> underWay = new HashSet<>();
  private final Set<WorkspaceKey> again = new HashSet<>();
  private final Map<WorkspaceKey, Alarm> alarms = new HashMap<>();
  private boolean closed;

  private record Alarm(Instant at, Scheduler.Timer timer) {}

  WorkQueue(
      Scheduler scheduler,
      int atOnce,
      Function<WorkspaceKey, CompletionStage<ReconcileResult>> reconcile) {
    this.scheduler = scheduler;
    this.atOnce = atOnce;
    this.reconcile = reconcile;
  }

  /** Adds a key; cheap, any thread. */
  void add(WorkspaceKey key) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      if (underWay.contains(key)) {
        again.add(key);
        return;
      }
      if (queued.add(key)) {
        waiting.add(key);
      }
    }
    scheduler.executor().execute(this::work);
  }

  /** Starts as many keys as there is room for. */
  private void work() {
    while (true) {
      WorkspaceKey key;
      synchronized (lock) {
        if (closed || underWay.size() >= atOnce) {
          return;
        }
        key = waiting.poll();
        if (key == null) {
          return;
        }
        queued.remove(key);
        underWay.add(key);
        Alarm alarm = alarms.remove(key);
        if (alarm != null) {
          alarm.timer().cancel();
        }
      }
      start(key);
    }
  }

  private void start(WorkspaceKey key) {
    CompletionStage<ReconcileResult> stage;
    try {
      stage = reconcile.apply(key);
    } catch (RuntimeException e) {
      done(key, defect(key, e));
      return;
    }
    var unused =
        stage.handle(
            (result, error) -> {
              done(key, result != null ? result : defect(key, error));
              return null;
            });
  }

  private static ReconcileResult defect(WorkspaceKey key, Throwable error) {
    LOG.error("{}: reconcile ended in an error of the library; please report it", key, error);
    return ReconcileResult.of(ReconcileResult.Outcome.FAILED, AFTER_DEFECT);
  }

  private void done(WorkspaceKey key, ReconcileResult result) {
    boolean repeat;
    synchronized (lock) {
      underWay.remove(key);
      repeat = again.remove(key);
      if (!repeat && !closed) {
        result.nextLook().ifPresent(delay -> setAlarm(key, delay));
      }
    }
    if (repeat) {
      add(key);
    }
    scheduler.executor().execute(this::work);
  }

  private void setAlarm(WorkspaceKey key, Duration delay) {
    Instant at = scheduler.clock().instant().plus(delay);
    Alarm earlier = alarms.get(key);
    if (earlier != null && !earlier.at().isAfter(at)) {
      return;
    }
    if (earlier != null) {
      earlier.timer().cancel();
    }
    alarms.put(key, new Alarm(at, scheduler.schedule(delay, () -> ring(key))));
  }

  private void ring(WorkspaceKey key) {
    synchronized (lock) {
      alarms.remove(key);
    }
    add(key);
  }

  /** Takes nothing new; what is under way ends by itself. */
  void close() {
    synchronized (lock) {
      closed = true;
      waiting.clear();
      queued.clear();
      alarms.values().forEach(alarm -> alarm.timer().cancel());
      alarms.clear();
    }
  }
}
