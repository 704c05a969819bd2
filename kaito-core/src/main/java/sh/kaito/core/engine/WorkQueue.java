package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;

/**
 * Keys that wait to be reconciled: each at most once, a bounded number at a time. A key that is
 * added while it is under way is reconciled once more afterwards.
 *
 * <p>Keys that have begun go before keys that have not: of five hundred new Workspaces the first is
 * then ready after its own time, not after five hundred times the first step. So that a busy
 * cluster does not starve new ones, every eighth turn is theirs.
 *
 * <p>Failures come back after the time that their result names, up to a fifth later so that many do
 * not return in one instant, and all together ten a second at most after the first hundred (the
 * figures of client-go's default rate limiter).
 */
final class WorkQueue {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoController.class);

  /** After an error of the engine itself, not of a request: a defect, so slowly. */
  private static final Duration AFTER_DEFECT = Duration.ofSeconds(30);

  private static final int TURN_OF_NEW_KEYS = 8;
  private static final Duration BETWEEN_RETRIES = Duration.ofMillis(100);
  private static final int RETRY_BURST = 100;

  private final Scheduler scheduler;
  private final Function<WorkspaceKey, CompletionStage<ReconcileResult>> reconcile;
  private final int atOnce;
  private final Object lock = new Object();
  private final Deque<WorkspaceKey> fresh = new ArrayDeque<>();
  private final Deque<WorkspaceKey> begun = new ArrayDeque<>();
  private final Set<WorkspaceKey> queued = new HashSet<>();
  private final Set<WorkspaceKey> known = new HashSet<>();
  private final Set<WorkspaceKey> underWay = new HashSet<>();
  private final Set<WorkspaceKey> again = new HashSet<>();
  private final Set<WorkspaceKey> failed = new HashSet<>();
  private final Map<WorkspaceKey, Alarm> alarms = new HashMap<>();

  /** The instant up to which retries are given away; one that is far back is a full burst. */
  private Instant retriesUpTo = Instant.EPOCH;

  private int turn;
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
        (known.contains(key) ? begun : fresh).add(key);
      }
    }
    scheduler.executor().execute(this::work);
  }

  /** How many keys wait for their turn. */
  int depth() {
    synchronized (lock) {
      return queued.size();
    }
  }

  /** How many keys are being reconciled. */
  int active() {
    synchronized (lock) {
      return underWay.size();
    }
  }

  /** Tries what had failed at once: whatever stood in the way has just gone. */
  void retryFailed() {
    Collection<WorkspaceKey> keys;
    synchronized (lock) {
      keys = List.copyOf(failed);
    }
    keys.forEach(this::add);
  }

  /** Starts as many keys as there is room for. */
  private void work() {
    while (true) {
      WorkspaceKey key;
      synchronized (lock) {
        if (closed || underWay.size() >= atOnce) {
          return;
        }
        key = next();
        if (key == null) {
          return;
        }
        queued.remove(key);
        known.add(key);
        underWay.add(key);
        failed.remove(key);
        Alarm alarm = alarms.remove(key);
        if (alarm != null) {
          alarm.timer().cancel();
        }
      }
      start(key);
    }
  }

  private @Nullable WorkspaceKey next() {
    turn = (turn + 1) % TURN_OF_NEW_KEYS;
    boolean newFirst = turn == 0 ? !fresh.isEmpty() : begun.isEmpty();
    return newFirst ? fresh.poll() : begun.poll();
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
      if (result.outcome() == ReconcileResult.Outcome.GONE && !repeat) {
        known.remove(key);
      }
      boolean failure = result.outcome() == ReconcileResult.Outcome.FAILED;
      if (failure && !closed) {
        failed.add(key);
      }
      if (!repeat && !closed) {
        result.nextLook().ifPresent(delay -> setAlarm(key, failure ? spread(delay) : delay));
      }
    }
    if (repeat) {
      add(key);
    }
    scheduler.executor().execute(this::work);
  }

  /** Puts off a retry so that neither many at once nor many a second come back. */
  private Duration spread(Duration delay) {
    Instant now = scheduler.clock().instant();
    long jitter = Math.max(1, delay.toNanos() / 5);
    Instant due = now.plus(delay).plusNanos(scheduler.random().nextLong(jitter));
    Instant full = due.minus(BETWEEN_RETRIES.multipliedBy(RETRY_BURST));
    Instant base = retriesUpTo.isAfter(full) ? retriesUpTo : full;
    retriesUpTo = base.plus(BETWEEN_RETRIES);
    return Duration.between(now, due.isAfter(retriesUpTo) ? due : retriesUpTo);
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
    List<Alarm> pending;
    synchronized (lock) {
      closed = true;
      fresh.clear();
      begun.clear();
      queued.clear();
      failed.clear();
      pending = new ArrayList<>(alarms.values());
      alarms.clear();
    }
    pending.forEach(alarm -> alarm.timer().cancel());
  }
}
