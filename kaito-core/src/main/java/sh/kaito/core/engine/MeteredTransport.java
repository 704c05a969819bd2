package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.RequestInfo;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Stages;

/** Measures requests. Closing it leaves the other transport open. */
final class MeteredTransport implements KubeTransport {
  private final KubeTransport next;
  private final Scheduler scheduler;
  private final Telemetry telemetry;

  MeteredTransport(KubeTransport next, Scheduler scheduler, Telemetry telemetry) {
    this.next = next;
    this.scheduler = scheduler;
    this.telemetry = telemetry;
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    RequestInfo info = request.info();
    Instant sent = scheduler.clock().instant();
    CompletableFuture<KubeResponse> result = new CompletableFuture<>();
    next.exchange(request)
        .whenComplete(
            (response, failure) -> {
              measured(info, response == null ? 0 : response.status(), sent);
              Stages.relay(result, response, failure);
            });
    return result;
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    RequestInfo info = request.info();
    Instant sent = scheduler.clock().instant();
    return next.watch(
        request,
        new KubeWatch.Listener() {
          @Override
          public void onEvent(byte[] event) {
            listener.onEvent(event);
          }

          @Override
          public void onRejected(KubeResponse response) {
            measured(info, response.status(), sent);
            listener.onRejected(response);
          }

          @Override
          public void onEnd(@Nullable Throwable cause) {
            measured(info, cause == null ? 200 : 0, sent);
            listener.onEnd(cause);
          }
        });
  }

  private void measured(RequestInfo info, int status, Instant sent) {
    telemetry.request(info, status, Duration.between(sent, scheduler.clock().instant()));
  }

  @Override
  public void close() {
    // The caller's to close.
  }

  @Override
  public String toString() {
    return "MeteredTransport[" + next + "]";
  }
}
