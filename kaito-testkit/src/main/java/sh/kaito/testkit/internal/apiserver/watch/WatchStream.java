package sh.kaito.testkit.internal.apiserver.watch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;

/**
 * One watch. Nothing is queued per watch besides what is being sent: a stream reads the store's
 * history at the pace of its client, and one that is slower than the history is long ends with a
 * 410, so that no client can hold up a writer.
 */
public final class WatchStream implements EventStream {
  private static final int BATCH = 256;
  private static final Duration BOOKMARK_EVERY = Duration.ofMinutes(1);

  /** kube-apiserver sends its last bookmark two seconds before the time is up. */
  private static final Duration BOOKMARK_BEFORE_END = Duration.ofSeconds(2);

  /** What a client asked for besides the scope. */
  public record Options(boolean bookmarks, boolean initialEventsEnd, Duration timeout) {}

  private final Store store;
  private final WatchScope scope;
  private final EventFormat format;
  private final Options options;
  private final Scheduler scheduler;
  private final Deque<StoredObject> initial;
  private boolean initialEndDue;
  private final Deque<StoreEvent> pending = new ArrayDeque<>();
  private long position;
  private volatile boolean bookmarkDue;
  private volatile boolean timedOut;
  private volatile boolean closed;
  private boolean finished;

  private final Object timers = new Object();
  private Scheduler.@Nullable Timer bookmarkTimer;
  private Scheduler.@Nullable Timer endTimer;
  private @Nullable Runnable unsubscribe;

  /**
   * @param initial objects to send first as ADDED
   * @param from the revision after which changes follow
   */
  public WatchStream(
      Store store,
      WatchScope scope,
      EventFormat format,
      Options options,
      Scheduler scheduler,
      List<StoredObject> initial,
      long from) {
    this.store = store;
    this.scope = scope;
    this.format = format;
    this.options = options;
    this.scheduler = scheduler;
    this.initial = new ArrayDeque<>(initial);
    this.initialEndDue = options.initialEventsEnd();
    this.position = from;
  }

  @Override
  public void open(Runnable onReadable) {
    synchronized (timers) {
      if (closed) {
        return;
      }
      unsubscribe = store.watch(scope.storage(), onReadable);
      endTimer =
          scheduler.schedule(
              options.timeout(),
              () -> {
                timedOut = true;
                onReadable.run();
              });
      if (options.bookmarks()) {
        Duration beforeEnd = options.timeout().minus(BOOKMARK_BEFORE_END);
        scheduleBookmark(
            beforeEnd.compareTo(BOOKMARK_EVERY) < 0 ? beforeEnd : BOOKMARK_EVERY, onReadable);
      }
    }
    onReadable.run();
  }

  private void scheduleBookmark(Duration delay, Runnable onReadable) {
    bookmarkTimer =
        scheduler.schedule(
            delay,
            () -> {
              bookmarkDue = true;
              synchronized (timers) {
                if (!closed && !timedOut) {
                  scheduleBookmark(BOOKMARK_EVERY, onReadable);
                }
              }
              onReadable.run();
            });
  }

  @Override
  public @Nullable WatchEvent next() {
    while (!finished && !closed) {
      StoredObject first = initial.poll();
      if (first != null) {
        return new WatchEvent(
            "ADDED", first.key(), first.revision(), format.event("ADDED", first, null));
      }
      if (initialEndDue) {
        initialEndDue = false;
        return bookmark(true);
      }
      StoreEvent event = pending.poll();
      if (event == null) {
        Store.Batch batch;
        try {
          batch = store.batch(scope.storage(), position, BATCH);
        } catch (Store.Compacted e) {
          finished = true;
          return error(
              ApiFailure.expired(
                      "too old resource version: " + e.requested() + " (" + e.oldest() + ")")
                  .status());
        }
        pending.addAll(batch.events());
        position = batch.upTo();
        if (!pending.isEmpty()) {
          continue;
        }
        if (bookmarkDue) {
          bookmarkDue = false;
          return bookmark(false);
        }
        if (timedOut) {
          finished = true;
        }
        return null;
      }
      WatchEvent seen = seen(event);
      if (seen != null) {
        return seen;
      }
    }
    return null;
  }

  /** A change as this client sees it: entering the scope is ADDED, leaving it DELETED. */
  private @Nullable WatchEvent seen(StoreEvent event) {
    boolean before = scope.contains(event.previous());
    boolean after = event.type() != StoreEvent.Type.DELETED && scope.contains(event.object());
    if (after) {
      return event(before ? "MODIFIED" : "ADDED", event, event.object(), null);
    }
    StoredObject previous = event.previous();
    if (!before || previous == null) {
      return null;
    }
    return event.type() == StoreEvent.Type.DELETED
        ? event("DELETED", event, event.object(), null)
        : event("DELETED", event, previous, event.revision());
  }

  private WatchEvent event(
      String type, StoreEvent event, StoredObject object, @Nullable Long resourceVersion) {
    return new WatchEvent(
        type, object.key(), event.revision(), format.event(type, object, resourceVersion));
  }

  private WatchEvent bookmark(boolean initialEventsEnd) {
    return new WatchEvent("BOOKMARK", "", position, format.bookmark(position, initialEventsEnd));
  }

  @Override
  public WatchEvent error(Map<String, Object> status) {
    return new WatchEvent("ERROR", "", position, format.error(status));
  }

  @Override
  public boolean finished() {
    return finished || closed;
  }

  @Override
  public void close() {
    Runnable undo;
    synchronized (timers) {
      closed = true;
      undo = unsubscribe;
      unsubscribe = null;
      if (bookmarkTimer != null) {
        bookmarkTimer.cancel();
      }
      if (endTimer != null) {
        endTimer.cancel();
      }
    }
    if (undo != null) {
      undo.run();
    }
  }
}
