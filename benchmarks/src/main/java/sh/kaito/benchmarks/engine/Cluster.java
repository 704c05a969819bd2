package sh.kaito.benchmarks.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.SimulatedWorkloads;
import sh.kaito.testkit.internal.cluster.Definitions;
import sh.kaito.testkit.internal.cluster.RealTime;
import sh.kaito.testkit.internal.cluster.WorkloadTrial;

/**
 * The cluster that the measured controller works on, seen from the process that is not measured:
 * the embedded API server with its simulators, or one of a kubeconfig, with simulators that are
 * clients of it or with somebody else's.
 */
final class Cluster implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Changes that are kept for watches that resume, for each Workspace. */
  private static final int HISTORY = 20;

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final Path kubeconfig;
  private final String description;
  private final List<AutoCloseable> parts;

  private Cluster(
      KubeTransport transport,
      Scheduler scheduler,
      Path kubeconfig,
      String description,
      List<AutoCloseable> parts) {
    this.transport = transport;
    this.scheduler = scheduler;
    this.kubeconfig = kubeconfig;
    this.description = description;
    this.parts = parts;
  }

  static Cluster start(Options options, int count) throws IOException {
    Path file = options.kubeconfig.orElse(null);
    return file == null ? embedded(options, count) : existing(options, file);
  }

  private static Cluster embedded(Options options, int count) throws IOException {
    SimulatedCluster cluster =
        SimulatedCluster.builder()
            .server(server -> server.historyLimit(Math.max(10_000, HISTORY * count)))
            .simulateNodes(false)
            .workloads(workloads -> workloads.scheduling(false).kubelet(false))
            .start();
    InstantPods pods =
        InstantPods.start(cluster.transport(), cluster.scheduler(), options.podDelay);
    InstantNodes nodes =
        InstantNodes.start(cluster.transport(), cluster.scheduler(), options.nodeDelay);
    Path kubeconfig = Files.createTempFile("kaito-benchmark-", ".kubeconfig");
    kubeconfig.toFile().deleteOnExit();
    return new Cluster(
        cluster.transport(),
        cluster.scheduler(),
        cluster.writeKubeconfig(kubeconfig),
        "embedded API server with simulated nodes and pods, in this process",
        List.of(pods, nodes, cluster));
  }

  private static Cluster existing(Options options, Path kubeconfig) {
    SystemScheduler scheduler = SystemScheduler.create("benchmark-cluster", 2);
    HttpKubeTransport transport = HttpKubeTransport.fromKubeconfig(kubeconfig);
    List<AutoCloseable> parts = new ArrayList<>(List.of(transport, scheduler));
    List<KaitoCrd> definitions = new ArrayList<>(KaitoCrds.all());
    definitions.add(Definitions.nodeClaims());
    RealTime.await(Definitions.applyMissing(transport, scheduler, definitions), LIMIT);
    String players = "others play its nodes and pods";
    if (options.simulate) {
      boolean controllers =
          RealTime.await(WorkloadTrial.in("default", transport, scheduler), LIMIT);
      parts.add(0, InstantNodes.start(transport, scheduler, options.nodeDelay));
      if (!controllers) {
        parts.add(
            0,
            SimulatedWorkloads.builder(transport, scheduler)
                .scheduling(false)
                .kubelet(false)
                .start());
      }
      parts.add(0, InstantPods.start(transport, scheduler, options.podDelay));
      players = "this process plays its nodes and pods";
    }
    return new Cluster(
        transport,
        scheduler,
        kubeconfig,
        "API server of " + transport.server() + "; " + players,
        parts);
  }

  KubeTransport transport() {
    return transport;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public String toString() {
    return description;
  }

  /** Ends what it has started; a cluster of a kubeconfig goes on. */
  @Override
  public void close() {
    @Nullable RuntimeException failure = null;
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        failure = new IllegalStateException("the cluster cannot be closed", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
