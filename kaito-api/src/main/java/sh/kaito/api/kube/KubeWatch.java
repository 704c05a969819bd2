package sh.kaito.api.kube;

import org.jspecify.annotations.Nullable;

/** An open watch. Closing it is idempotent and does not block. */
@FunctionalInterface
public interface KubeWatch extends AutoCloseable {

  @Override
  void close();

  /** Receives the stream of one watch; calls are serial, on any thread. */
  interface Listener {

    /**
     * One event, as it stood on the wire: {@code {"type": "ADDED", "object": {...}}}. The array is
     * the listener's.
     */
    void onEvent(byte[] event);

    /** The server answered the watch request with something other than 200. */
    void onRejected(KubeResponse response);

    /**
     * The stream is over.
     *
     * @param cause null when the server ended it in good order (its time-out), else what broke it
     */
    void onEnd(@Nullable Throwable cause);
  }
}
