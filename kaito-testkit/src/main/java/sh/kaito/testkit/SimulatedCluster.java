package sh.kaito.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.internal.cluster.Definitions;

/**
 * A whole cluster in the JVM: embedded API server with the CRDs of Kaito and of the node claims,
 * simulated nodes, workload controllers, kubelet and model servers. Nothing in it runs a model, and
 * nothing costs money; it says so in its answers.
 *
 * <p>On the wall clock, reachable by kubectl:
 *
 * <pre>{@code
 * try (SimulatedCluster cluster = SimulatedCluster.start()) {
 *   WorkspaceClient kaito = WorkspaceClient.create(cluster.transport());
 *   ...
 * }
 * }</pre>
 *
 * <p>On virtual time, where half an hour passes in milliseconds:
 *
 * <pre>{@code
 * VirtualScheduler time = VirtualScheduler.seeded(1);
 * try (SimulatedCluster cluster = SimulatedCluster.onVirtualTime(time)) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Thread-safe on the wall clock; on virtual time confined to the scheduler's thread.
 */
public final class SimulatedCluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private final Scheduler scheduler;
  private final @Nullable SystemScheduler ownScheduler;
  private final KubeApiServer server;
  private final @Nullable SimulatedNodes nodes;
  private final @Nullable SimulatedWorkloads workloads;

  private SimulatedCluster(
      Scheduler scheduler,
      @Nullable SystemScheduler ownScheduler,
      KubeApiServer server,
      @Nullable SimulatedNodes nodes,
      @Nullable SimulatedWorkloads workloads) {
    this.scheduler = scheduler;
    this.ownScheduler = ownScheduler;
    this.server = server;
    this.nodes = nodes;
    this.workloads = workloads;
  }

  private static SimulatedCluster start(Builder builder) {
    Deque<AutoCloseable> started = new ArrayDeque<>();
    try {
      VirtualScheduler virtual = builder.virtual;
      SystemScheduler ownScheduler = null;
      Scheduler scheduler;
      KubeApiServer.Builder serverSettings = KubeApiServer.builder().port(builder.port);
      builder.server.accept(serverSettings);
      if (virtual == null) {
        ownScheduler = SystemScheduler.create("simulated-cluster", 2);
        started.push(ownScheduler);
        scheduler = ownScheduler;
      } else {
        scheduler = virtual;
        serverSettings.inProcess(virtual);
      }
      KubeApiServer server = serverSettings.build();
      started.push(server);
      List<KaitoCrd> crds = new ArrayList<>(builder.crds);
      if (builder.machines && crds.stream().noneMatch(Definitions::definesMachines)) {
        crds.add(Definitions.machines());
      }
      await(Definitions.apply(server.transport(), scheduler, crds), virtual);
      SimulatedNodes nodes = null;
      if (builder.simulatesNodes) {
        await(Definitions.devicePlugin(server.transport()), virtual);
        SimulatedNodes.Builder settings = SimulatedNodes.builder(server.transport(), scheduler);
        if (builder.machines) {
          settings.machines();
        }
        builder.nodes.accept(settings);
        nodes = settings.start();
        started.push(nodes);
      }
      SimulatedWorkloads workloads = null;
      if (builder.simulatesWorkloads) {
        SimulatedWorkloads.Builder settings =
            SimulatedWorkloads.builder(server.transport(), scheduler)
                .network(server.podNetwork())
                .sockets(virtual == null);
        builder.workloads.accept(settings);
        workloads = settings.start();
      }
      return new SimulatedCluster(scheduler, ownScheduler, server, nodes, workloads);
    } catch (RuntimeException | Error e) {
      closeAll(started, e);
      throw e;
    }
  }

  /** Last started, first closed; what goes wrong on the way is told with the first failure. */
  private static void closeAll(Deque<AutoCloseable> started, Throwable failure) {
    for (AutoCloseable one : started) {
      try {
        one.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Starts a cluster on the wall clock that listens on a free port of 127.0.0.1. */
  public static SimulatedCluster start() {
    return builder().start();
  }

  /** Starts a cluster without sockets and threads, on the caller's scheduler. */
  public static SimulatedCluster onVirtualTime(VirtualScheduler scheduler) {
    return builder().onVirtualTime(scheduler).start();
  }

  /** Starts to describe a cluster. */
  public static Builder builder() {
    return new Builder();
  }

  private static void await(CompletionStage<Void> stage, @Nullable VirtualScheduler virtual) {
    try {
      if (virtual == null) {
        stage.toCompletableFuture().join();
      } else {
        virtual.await(stage, START_LIMIT);
      }
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          "the simulated cluster cannot start: " + cause.getMessage(), cause);
    }
  }

  /** The way to the API server, without a socket. Closed with the cluster. */
  public KubeTransport transport() {
    return server.transport();
  }

  /** Time and threads of the simulation. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** The API server. */
  public KubeApiServer server() {
    return server;
  }

  /**
   * The simulated nodes and their bill.
   *
   * @throws IllegalStateException when the cluster was started without
   */
  public SimulatedNodes nodes() {
    if (nodes == null) {
      throw new IllegalStateException("this cluster was started with simulateNodes(false)");
    }
    return nodes;
  }

  /**
   * The simulated workload controllers and kubelet.
   *
   * @throws IllegalStateException when the cluster was started without
   */
  public SimulatedWorkloads workloads() {
    if (workloads == null) {
      throw new IllegalStateException("this cluster was started with simulateWorkloads(false)");
    }
    return workloads;
  }

  /**
   * Where clients reach the API server.
   *
   * @throws IllegalStateException on virtual time, where nothing listens
   */
  public URI url() {
    return server.url();
  }

  /**
   * Writes a kubeconfig file for kubectl and other clients.
   *
   * @return the path as it was given
   */
  public Path writeKubeconfig(Path file) {
    try {
      return Files.writeString(file, server.kubeconfig());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the kubeconfig to " + file, e);
    }
  }

  /** Stops the simulation; everything in the cluster is lost. Idempotent. */
  @Override
  public void close() {
    if (workloads != null) {
      workloads.close();
    }
    if (nodes != null) {
      nodes.close();
    }
    server.close();
    if (ownScheduler != null) {
      ownScheduler.close();
    }
  }

  /** Describes a {@link SimulatedCluster}. Not thread-safe. */
  public static final class Builder {
    private @Nullable VirtualScheduler virtual;
    private int port;
    private boolean machines;
    private List<KaitoCrd> crds = defaultCrds();
    private boolean simulatesNodes = true;
    private boolean simulatesWorkloads = true;
    private Consumer<KubeApiServer.Builder> server = settings -> {};
    private Consumer<SimulatedNodes.Builder> nodes = settings -> {};
    private Consumer<SimulatedWorkloads.Builder> workloads = settings -> {};

    private Builder() {}

    private static List<KaitoCrd> defaultCrds() {
      List<KaitoCrd> all = new ArrayList<>(KaitoCrds.all());
      all.add(Definitions.nodeClaims());
      return all;
    }

    /** Runs on virtual time, without sockets. */
    public Builder onVirtualTime(VirtualScheduler scheduler) {
      this.virtual = scheduler;
      return this;
    }

    /** The port on 127.0.0.1; 0, the default, takes a free one. */
    public Builder port(int value) {
      this.port = value;
      return this;
    }

    /** CRDs to install; by default those of Kaito and the test kit's NodeClaim. */
    public Builder crds(List<KaitoCrd> value) {
      this.crds = List.copyOf(value);
      return this;
    }

    /**
     * CRDs to install, from the YAML and JSON files of a folder. Other objects in them are left
     * out; where several files define one resource, the one wins that serves the newest version.
     *
     * @throws UncheckedIOException when the folder or a file cannot be read
     * @throws IllegalArgumentException when a file is not YAML
     */
    public Builder crds(Path folder) {
      return crds(Definitions.in(folder));
    }

    /** Options of the API server, such as TLS and users. */
    public Builder server(Consumer<KubeApiServer.Builder> settings) {
      this.server = settings;
      return this;
    }

    /** Whether claims become nodes; default true. */
    public Builder simulateNodes(boolean play) {
      this.simulatesNodes = play;
      return this;
    }

    /** Whether workload controllers, scheduler and kubelet are played; default true. */
    public Builder simulateWorkloads(boolean play) {
      this.simulatesWorkloads = play;
      return this;
    }

    /**
     * Nodes are asked for by karpenter.sh/v1alpha5 Machines, as in the days of gpu-provisioner
     * before 0.3: installs their CRD too, and the simulated provisioner serves them alone.
     */
    public Builder machines() {
      this.machines = true;
      return this;
    }

    /** Delays and misbehaviour of the nodes. */
    public Builder nodes(Consumer<SimulatedNodes.Builder> settings) {
      this.nodes = settings;
      return this;
    }

    /** Delays and misbehaviour of the workloads. */
    public Builder workloads(Consumer<SimulatedWorkloads.Builder> settings) {
      this.workloads = settings;
      return this;
    }

    /**
     * Starts the cluster; returns when its API is served. When that fails, what was started before
     * is closed.
     *
     * @throws IllegalStateException when a CRD is refused
     */
    public SimulatedCluster start() {
      return SimulatedCluster.start(this);
    }
  }
}
