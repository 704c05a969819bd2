package sh.kaito.core.kube;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.internal.kube.Stages;

/**
 * Counts what passes to another transport: by verb, resource and answer. Closing it closes the
 * other one. Thread-safe.
 *
 * <pre>{@code
 * CountingTransport counting = CountingTransport.of(HttpKubeTransport.fromDefaultConfig());
 * // ... use it as a transport
 * System.out.println(counting.counts());
 * }</pre>
 */
public final class CountingTransport implements KubeTransport {
  private final KubeTransport next;
  private RequestCounts counts = RequestCounts.none();

  private CountingTransport(KubeTransport next) {
    this.next = next;
  }

  /** Counts what passes to another transport. */
  public static CountingTransport of(KubeTransport next) {
    return new CountingTransport(next);
  }

  /** The counts of this moment. */
  public synchronized RequestCounts counts() {
    return counts;
  }

  private synchronized void sent(KubeRequest request) {
    counts = counts.plus(request.info(), request.path());
  }

  private synchronized void answered(KubeRequest request, int status) {
    counts = counts.answered(request.info(), request.path(), status);
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    sent(request);
    return Stages.unwrapped(
        next.exchange(request)
            .thenApply(
                response -> {
                  answered(request, response.status());
                  return response;
                }));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    sent(request);
    return next.watch(
        request,
        new KubeWatch.Listener() {
          @Override
          public void onEvent(byte[] event) {
            listener.onEvent(event);
          }

          @Override
          public void onRejected(KubeResponse response) {
            answered(request, response.status());
            listener.onRejected(response);
          }

          @Override
          public void onEnd(@Nullable Throwable cause) {
            listener.onEnd(cause);
          }
        });
  }

  @Override
  public void close() {
    next.close();
  }

  @Override
  public String toString() {
    return "CountingTransport[" + next + "]";
  }
}
