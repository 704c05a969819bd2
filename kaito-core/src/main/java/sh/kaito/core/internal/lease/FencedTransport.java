package sh.kaito.core.internal.lease;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.internal.kube.Stages;

/**
 * Lets writes through only while a fence is open: a leader that was paused past the end of its
 * lease finds out here, at the last moment before a request leaves. Reads always pass. Closing it
 * shuts the fence for good and leaves the other transport open. Thread-safe.
 */
public final class FencedTransport implements KubeTransport {
  private final KubeTransport next;
  private final BooleanSupplier open;
  private final Object lock = new Object();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private int underWay;
  private boolean closed;

  /**
   * A fence.
   *
   * @param next stays the caller's to close
   * @param open asked before each write, on the thread that sends it
   */
  public FencedTransport(KubeTransport next, BooleanSupplier open) {
    this.next = next;
    this.open = open;
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    if (isRead(request)) {
      return next.exchange(request);
    }
    synchronized (lock) {
      if (closed || !open.getAsBoolean()) {
        return CompletableFuture.failedFuture(
            new KubeTransportException(
                KubeTransportException.Effect.NONE,
                request.method()
                    + " "
                    + request.path()
                    + " was not sent: this controller "
                    + (closed ? "was stopped" : "no longer holds its lease"),
                null));
      }
      underWay++;
    }
    CompletionStage<KubeResponse> answer;
    try {
      answer = next.exchange(request);
    } catch (RuntimeException e) {
      ended();
      throw e;
    }
    return Stages.unwrapped(
        answer.whenComplete(
            (response, failure) -> {
              ended();
            }));
  }

  private void ended() {
    boolean last;
    synchronized (lock) {
      underWay--;
      last = closed && underWay == 0;
    }
    if (last) {
      drained.complete(null);
    }
  }

  private static boolean isRead(KubeRequest request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return next.watch(request, listener);
  }

  /** Completes when the fence was closed and every write that it had let through has ended. */
  public CompletionStage<Void> drained() {
    return drained;
  }

  @Override
  public void close() {
    boolean last;
    synchronized (lock) {
      closed = true;
      last = underWay == 0;
    }
    if (last) {
      drained.complete(null);
    }
  }

  @Override
  public String toString() {
    return "FencedTransport[" + next + "]";
  }
}
