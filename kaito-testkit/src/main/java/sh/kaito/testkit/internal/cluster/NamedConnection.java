package sh.kaito.testkit.internal.cluster;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;

/** A client that tells its name, over a transport that others use too. */
public final class NamedConnection implements KubeTransport {
  private final KubeTransport transport;
  private final String userAgent;
  private final Set<KubeWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public NamedConnection(KubeTransport transport, String userAgent) {
    this.transport = transport;
    this.userAgent = userAgent;
  }

  private KubeRequest named(KubeRequest request) {
    return request.header("User-Agent").isPresent()
        ? request
        : request.toBuilder().header("User-Agent", userAgent).build();
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    return closed
        ? CompletableFuture.failedFuture(
            new KubeTransportException(
                KubeTransportException.Effect.NONE, "the transport is closed", null))
        : transport.exchange(named(request));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    KubeWatch watch = transport.watch(named(request), listener);
    watches.add(watch);
    if (closed) {
      watch.close();
    }
    return () -> {
      watches.remove(watch);
      watch.close();
    };
  }

  /** Ends its watches; the transport below stays open. */
  @Override
  public void close() {
    closed = true;
    watches.forEach(KubeWatch::close);
  }
}
