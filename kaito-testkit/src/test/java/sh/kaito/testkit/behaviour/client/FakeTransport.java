package sh.kaito.testkit.behaviour.client;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;

/** Answers requests by a function; its watches stay silent. */
record FakeTransport(Function<KubeRequest, CompletionStage<KubeResponse>> script)
    implements KubeTransport {

  /** A transport that never gets an answer. */
  static FakeTransport broken() {
    return new FakeTransport(request -> failure());
  }

  static CompletionStage<KubeResponse> failure() {
    return CompletableFuture.failedFuture(
        new KubeTransportException(KubeTransportException.Effect.NONE, "connection refused", null));
  }

  static CompletionStage<KubeResponse> answer(int status, String body) {
    return CompletableFuture.completedFuture(
        KubeResponse.of(status, Map.of(), body.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    return script.apply(request);
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return () -> {};
  }

  @Override
  public void close() {}
}
