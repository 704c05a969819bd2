package sh.kaito.testkit;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;

/** The two sorts of {@link KubeCluster}. */
interface ClusterBackend {
  KubeTransport transport();

  KubeTransport connect(String userAgent);

  Scheduler scheduler();

  String namespace();

  SimulatedNodes nodes();

  SimulatedWorkloads workloads();

  /** Null where the cluster is real. */
  @Nullable SimulatedCluster simulated();

  /** Null where time is the wall clock's. */
  @Nullable VirtualScheduler virtualTime();

  <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit);

  void awaitUntil(String what, BooleanSupplier condition, Duration limit);

  /** In words, for messages. */
  @Override
  String toString();

  void close();
}
