package sh.kaito.benchmarks.engine;

import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;

final class FloorController implements AutoCloseable {
  static FloorController start(KubeTransport transport, Scheduler scheduler) {
    return new FloorController();
  }

  boolean isSynced() {
    return true;
  }

  @Override
  public void close() {}
}
