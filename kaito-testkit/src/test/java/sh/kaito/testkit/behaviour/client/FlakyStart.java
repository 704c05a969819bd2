package sh.kaito.testkit.behaviour.client;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;

/** A way to an API server that is not up for the first three requests. */
record FlakyStart(KubeTransport up, AtomicInteger asked) implements KubeTransport {

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    return asked.incrementAndGet() <= 3 ? FakeTransport.failure() : up.exchange(request);
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return up.watch(request, listener);
  }

  @Override
  public void close() {}
}
