package sh.kaito.testkit.behaviour.adoption;

import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;

/** The way from a controller to the cluster, on which requests are held, answered or followed. */
record Wire(
    KubeTransport cluster,
    BiFunction<KubeRequest, KubeTransport, CompletionStage<KubeResponse>> way)
    implements KubeTransport {

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    return way.apply(request, cluster);
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return cluster.watch(request, listener);
  }

  /** The cluster stays its owner's. */
  @Override
  public void close() {}
}
