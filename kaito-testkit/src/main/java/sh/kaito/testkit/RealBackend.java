package sh.kaito.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.internal.cluster.Definitions;
import sh.kaito.testkit.internal.cluster.NamedConnection;
import sh.kaito.testkit.internal.cluster.RealTime;
import sh.kaito.testkit.internal.cluster.TestNamespace;
import sh.kaito.testkit.internal.cluster.WorkloadTrial;

/** A cluster that was there before the test, and is there after it. */
final class RealBackend implements ClusterBackend {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  /** The node controller takes a node for lost after 40 seconds without a report. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private final SystemScheduler scheduler;
  private final HttpKubeTransport transport;
  private final TestNamespace namespace;
  private final @Nullable SimulatedNodes nodes;
  private final SimulatedWorkloads workloads;

  private RealBackend(
      SystemScheduler scheduler,
      HttpKubeTransport transport,
      TestNamespace namespace,
      @Nullable SimulatedNodes nodes,
      SimulatedWorkloads workloads) {
    this.scheduler = scheduler;
    this.transport = transport;
    this.namespace = namespace;
    this.nodes = nodes;
    this.workloads = workloads;
  }

  static RealBackend start(Path kubeconfig, KubeCluster.Builder builder) {
    Deque<AutoCloseable> started = new ArrayDeque<>();
    try {
      SystemScheduler scheduler = SystemScheduler.create("kube-cluster", 2);
      started.push(scheduler);
      HttpKubeTransport transport = HttpKubeTransport.fromKubeconfig(kubeconfig);
      started.push(transport);
      RealTime.await(install(transport, scheduler, builder), START_LIMIT);
      TestNamespace namespace =
          new TestNamespace(
              transport, scheduler, "kaito-test-" + UUID.randomUUID().toString().substring(0, 8));
      RealTime.await(namespace.create(), START_LIMIT);
      started.push(namespace::remove);
      boolean workloadsRun =
          RealTime.await(WorkloadTrial.in(namespace.name(), transport, scheduler), START_LIMIT);
      SimulatedNodes nodes = null;
      if (builder.simulatesNodes) {
        SimulatedNodes.Builder settings =
            SimulatedNodes.builder(transport, scheduler).heartbeat(HEARTBEAT);
        builder.nodes.accept(settings);
        nodes = settings.start();
        started.push(nodes);
      }
      SimulatedWorkloads.Builder settings =
          SimulatedWorkloads.builder(transport, scheduler).controllers(!workloadsRun).shared();
      builder.workloads.accept(settings);
      return new RealBackend(scheduler, transport, namespace, nodes, settings.start());
    } catch (RuntimeException | Error e) {
      for (AutoCloseable one : started) {
        try {
          one.close();
        } catch (Exception again) {
          e.addSuppressed(again);
        }
      }
      throw new IllegalStateException(
          "the cluster of "
              + KubeCluster.KUBECONFIG_VARIABLE
              + "="
              + kubeconfig
              + " cannot be used: "
              + (e instanceof CompletionException && e.getCause() != null
                  ? e.getCause().getMessage()
                  : e.getMessage()),
          e);
    }
  }

  private static CompletionStage<Void> install(
      KubeTransport transport, Scheduler scheduler, KubeCluster.Builder builder) {
    String folder = builder.environment.getOrDefault(KubeCluster.CRDS_VARIABLE, "");
    if (builder.crds != null) {
      return Definitions.apply(transport, scheduler, builder.crds);
    } else if (!folder.isEmpty()) {
      return Definitions.apply(transport, scheduler, Definitions.in(Path.of(folder)));
    }
    List<KaitoCrd> own = new ArrayList<>(KaitoCrds.all());
    own.add(Definitions.nodeClaims());
    return Definitions.applyMissing(transport, scheduler, own);
  }

  @Override
  public KubeTransport transport() {
    return transport;
  }

  @Override
  public KubeTransport connect(String userAgent) {
    return new NamedConnection(transport, userAgent);
  }

  @Override
  public Scheduler scheduler() {
    return scheduler;
  }

  @Override
  public String namespace() {
    return namespace.name();
  }

  @Override
  public SimulatedNodes nodes() {
    if (nodes == null) {
      throw new IllegalStateException("this cluster was started with simulateNodes(false)");
    }
    return nodes;
  }

  @Override
  public SimulatedWorkloads workloads() {
    return workloads;
  }

  @Override
  public @Nullable SimulatedCluster simulated() {
    return null;
  }

  @Override
  public @Nullable VirtualScheduler virtualTime() {
    return null;
  }

  @Override
  public <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit) {
    return RealTime.await(stage, limit);
  }

  @Override
  public void awaitUntil(String what, BooleanSupplier condition, Duration limit) {
    RealTime.awaitUntil(scheduler, what, condition, limit);
  }

  @Override
  public String toString() {
    return "the real cluster at " + transport.server();
  }

  @Override
  public void close() {
    try {
      // The simulators finish what the removal begins.
      namespace.remove();
    } finally {
      workloads.close();
      if (nodes != null) {
        nodes.close();
      }
      transport.close();
      scheduler.close();
    }
  }
}
