package sh.kaito.testkit.internal.sim.kubelet;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.PodHandler;
import sh.kaito.testkit.PodNetwork;
import sh.kaito.testkit.StubModelServer;

/** The process in a pod that answers requests; it may turn sick and well again while it listens. */
final class Listening implements PodHandler, AutoCloseable {
  private volatile PodHandler handler;
  private volatile @Nullable StubModelServer server;

  private Listening(PodHandler handler) {
    this.handler = handler;
  }

  /**
   * Begins to answer.
   *
   * @param socket whether it listens on 127.0.0.1
   */
  static Listening start(PodHandler handler, boolean socket) {
    Listening result = new Listening(handler);
    if (socket) {
      try {
        result.server = StubModelServer.start(result);
      } catch (IOException e) {
        throw new UncheckedIOException("a simulated pod found no free port on 127.0.0.1", e);
      }
    }
    return result;
  }

  PodNetwork.Target target() {
    StubModelServer listener = server;
    return listener == null ? PodNetwork.inProcess(this) : PodNetwork.loopback(listener.port());
  }

  void become(PodHandler other) {
    handler = other;
  }

  @Override
  public KubeResponse handle(KubeRequest request) {
    return handler.handle(request);
  }

  @Override
  public void close() {
    StubModelServer listener = server;
    if (listener != null) {
      listener.close();
    }
  }
}
