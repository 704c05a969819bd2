package sh.kaito.testkit.internal.apiserver.watch;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a front end sends to the client of one watch, to be pulled: {@link #next()} gives what there
 * is to send now, and the callback of {@link #open} says when it is worth asking again. {@link
 * #next()} is called by one thread at a time; the callback may come from any thread.
 */
public interface EventStream {

  /**
   * Starts the stream.
   *
   * @param onReadable called whenever {@link #next()} may have something; must return at once
   */
  void open(Runnable onReadable);

  /** What is to be sent next; null when there is nothing now, or nothing any more. */
  @Nullable WatchEvent next();

  /** An ERROR event in the form of this stream. */
  WatchEvent error(Map<String, Object> status);

  /** Whether all that was to be said has been said. */
  boolean finished();

  /** Why the connection is to break; null where the stream ends in good order. */
  default @Nullable Throwable broken() {
    return null;
  }

  /** Ends the stream and its timers. Idempotent, from any thread. */
  void close();
}
