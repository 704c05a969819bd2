package sh.kaito.testkit.internal.apiserver.watch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;

/**
 * One watch, to be pulled: {@link #next()} gives what there is to send now, and the callback of
 * {@link #open} says when it is worth asking again. Nothing is queued per watch besides what is
 * being sent: a stream reads the store's history at the pace of its client, and one that is slower
 * than the history is long ends with a 410, so that no client can hold up a writer.
 *
 * <p>{@link #next()} is called by one thread at a time; the callback may come from any thread.
 */
public final class WatchStream {
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

  /**
   * Starts the stream.
   *
   * @param onReadable called whenever {@link #next()} may have something; must return at once
   */
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

  /** What is to be sent next; null when there is nothing now, or nothing any more. */
  public byte @Nullable [] next() {
    while (!finished && !closed) {
      StoredObject first = initial.poll();
      if (first != null) {
        return format.event("ADDED", first, null);
      }
      if (initialEndDue) {
        initialEndDue = false;
        return format.bookmark(position, true);
      }
      StoreEvent event = pending.poll();
      if (event == null) {
        Store.Batch batch;
        try {
          batch = store.batch(scope.storage(), position, BATCH);
        } catch (Store.Compacted e) {
          finished = true;
          return format.error(
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
          return format.bookmark(position, false);
        }
        if (timedOut) {
          finished = true;
        }
        return null;
      }
      byte[] line = line(event);
      if (line != null) {
        return line;
      }
    }
    return null;
  }

  /** A change as this client sees it: entering the scope is ADDED, leaving it DELETED. */
  private byte @Nullable [] line(StoreEvent event) {
    boolean before = scope.contains(event.previous());
    boolean after = event.type() != StoreEvent.Type.DELETED && scope.contains(event.object());
    if (after) {
      return format.event(before ? "MODIFIED" : "ADDED", event.object(), null);
    }
    StoredObject previous = event.previous();
    if (!before || previous == null) {
      return null;
    }
    return event.type() == StoreEvent.Type.DELETED
        ? format.event("DELETED", event.object(), null)
        : format.event("DELETED", previous, event.revision());
  }

  /** Whether the server has said all it had to say. */
  public boolean finished() {
    return finished || closed;
  }

  /** Ends the stream and its timers. Idempotent, from any thread. */
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
