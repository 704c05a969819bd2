package sh.kaito.testkit;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.cluster.RealTime;

/** A cluster in this JVM. */
final class EmbeddedBackend implements ClusterBackend {
  private final SimulatedCluster cluster;
  private final @Nullable VirtualScheduler virtual;

  EmbeddedBackend(SimulatedCluster cluster, @Nullable VirtualScheduler virtual) {
    this.cluster = cluster;
    this.virtual = virtual;
  }

  @Override
  public KubeTransport transport() {
    return cluster.transport();
  }

  @Override
  public KubeTransport connect(String userAgent) {
    return cluster.server().connect(userAgent);
  }

  @Override
  public Scheduler scheduler() {
    return cluster.scheduler();
  }

  @Override
  public String namespace() {
    return "default";
  }

  @Override
  public SimulatedNodes nodes() {
    return cluster.nodes();
  }

  @Override
  public SimulatedWorkloads workloads() {
    return cluster.workloads();
  }

  @Override
  public SimulatedCluster simulated() {
    return cluster;
  }

  @Override
  public @Nullable VirtualScheduler virtualTime() {
    return virtual;
  }

  @Override
  public <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit) {
    return virtual != null ? virtual.await(stage, limit) : RealTime.await(stage, limit);
  }

  @Override
  public void awaitUntil(String what, BooleanSupplier condition, Duration limit) {
    if (virtual != null) {
      virtual.advanceUntil(what, condition, limit);
    } else {
      RealTime.awaitUntil(scheduler(), what, condition, limit);
    }
  }

  @Override
  public String toString() {
    return virtual != null
        ? "the embedded cluster on virtual time"
        : "the embedded cluster at " + cluster.url();
  }

  @Override
  public void close() {
    cluster.close();
  }
}
