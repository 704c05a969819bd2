package sh.kaito.testkit;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.internal.cluster.Definitions;
import sh.kaito.testkit.internal.cluster.RealTime;

/**
 * The cluster of a test: a {@link SimulatedCluster} in this JVM, or, where the environment variable
 * {@value #KUBECONFIG_VARIABLE} names a kubeconfig file, the real one that its current context
 * points at. The same test runs on both.
 *
 * <pre>{@code
 * try (KubeCluster cluster = KubeCluster.start()) {
 *   cluster.startController();
 *   WorkspaceClient kaito = cluster.client();
 *   cluster.await(kaito.applyAsync(workspace));
 *   cluster.await(kaito.awaitReadyAsync(workspace.key(), Duration.ofHours(1), progress -> {}));
 * }
 * }</pre>
 *
 * <p><b>On a real cluster</b> the test gets a namespace of its own, which goes with {@link
 * #close()} together with the claims and nodes of its Workspaces. CRDs of Kaito and NodeClaims are
 * installed where they are missing; those in the folder {@value #CRDS_VARIABLE} names, where that
 * is set, in any case. Simulated nodes, scheduler and kubelet are ordinary clients of it;
 * Deployments, StatefulSets and Jobs are left to its controller manager, or simulated where a trial
 * shows that nobody reconciles them. Nothing is bought. What only an embedded cluster can do throws
 * {@link UnsupportedFeatureException}.
 *
 * <p>Thread-safe on the wall clock; on virtual time confined to the scheduler's thread.
 */
public final class KubeCluster implements AutoCloseable {
  /** Names the kubeconfig file of a real cluster to test on. */
  public static final String KUBECONFIG_VARIABLE = "KAITO_TEST_KUBECONFIG";

  /** Names a folder with CRDs to test a real cluster with. */
  public static final String CRDS_VARIABLE = "KAITO_UPSTREAM_CRDS";

  private static final Duration VIRTUAL_LIMIT = Duration.ofHours(1);
  private static final Duration REAL_LIMIT = Duration.ofMinutes(4);
  private static final Duration VIRTUAL_REST = Duration.ofMinutes(2);
  private static final Duration REAL_REST = Duration.ofSeconds(2);

  private final ClusterBackend backend;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private @Nullable WorkspaceClient client;

  private KubeCluster(ClusterBackend backend) {
    this.backend = backend;
  }

  /** Starts one with all defaults: on virtual time, or real. */
  public static KubeCluster start() {
    return builder().start();
  }

  /** All options. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether a real API server is behind it. */
  public boolean isReal() {
    return backend.simulated() == null;
  }

  /** Whether it can do this. */
  public boolean has(ClusterFeature feature) {
    return feature == ClusterFeature.VIRTUAL_TIME ? backend.virtualTime() != null : !isReal();
  }

  /**
   * Goes on only where the cluster can do this.
   *
   * @throws UnsupportedFeatureException when it cannot
   */
  public void require(ClusterFeature feature) {
    if (!has(feature)) {
      throw new UnsupportedFeatureException(feature, backend.toString());
    }
  }

  /** The way to the API server, as administrator. Closed with the cluster. */
  public KubeTransport transport() {
    return backend.transport();
  }

  /**
   * A connection that tells its name; see {@link KubeApiServer#connect(String)}. Closed with the
   * cluster.
   */
  public KubeTransport connect(String userAgent) {
    KubeTransport connection = backend.connect(userAgent);
    opened.push(connection);
    return connection;
  }

  /** Time and threads: virtual, or the wall clock's. */
  public Scheduler scheduler() {
    return backend.scheduler();
  }

  /** The namespace of the test: {@code default} where the cluster is its own anyway. */
  public String namespace() {
    return backend.namespace();
  }

  /**
   * The same Workspace in the {@linkplain #namespace() namespace} of the test, to be applied: with
   * its name, labels and annotations, and without what a server adds.
   */
  public Workspace inNamespace(Workspace workspace) {
    V1ObjectMeta metadata = workspace.metadata();
    return workspace.withMetadata(
        new V1ObjectMeta()
            .namespace(namespace())
            .name(metadata.getName())
            .labels(metadata.getLabels())
            .annotations(metadata.getAnnotations()));
  }

  /** A client on the cluster's transport and scheduler; one instance, closed with the cluster. */
  public WorkspaceClient client() {
    if (client == null) {
      client = WorkspaceClient.create(transport(), scheduler());
      opened.push(client);
    }
    return client;
  }

  /** The simulated nodes and their bill. */
  public SimulatedNodes nodes() {
    return backend.nodes();
  }

  /** The simulated kubelet, and what else of workloads is simulated. */
  public SimulatedWorkloads workloads() {
    return backend.workloads();
  }

  /**
   * Virtual time.
   *
   * @throws UnsupportedFeatureException where time is the wall clock's
   */
  public VirtualScheduler virtualTime() {
    VirtualScheduler virtual = backend.virtualTime();
    if (virtual == null) {
      throw new UnsupportedFeatureException(ClusterFeature.VIRTUAL_TIME, backend.toString());
    }
    return virtual;
  }

  /**
   * The cluster in this JVM.
   *
   * @throws UnsupportedFeatureException when it is a real one
   */
  public SimulatedCluster simulated() {
    return simulated(ClusterFeature.EMBEDDED_SERVER);
  }

  /**
   * Faults on purpose.
   *
   * @throws UnsupportedFeatureException when the cluster is a real one
   */
  public Faults faults() {
    return simulated(ClusterFeature.FAULTS).server().faults();
  }

  private SimulatedCluster simulated(ClusterFeature feature) {
    SimulatedCluster simulated = backend.simulated();
    if (simulated == null) {
      throw new UnsupportedFeatureException(feature, backend.toString());
    }
    return simulated;
  }

  /**
   * Starts a controller that buys from the simulated nodes, and returns when it works. On a real
   * cluster it works on the {@linkplain #namespace() namespace} of the test alone. Closed with the
   * cluster if not earlier.
   */
  public KaitoController startController() {
    return startController(settings -> settings);
  }

  /** As {@link #startController()}, with other options. */
  public KaitoController startController(UnaryOperator<KaitoController.Builder> settings) {
    KaitoController.Builder builder =
        KaitoController.builder(transport())
            .scheduler(scheduler())
            .provisioner(ClaimProvisioner.gpuProvisioner());
    if (isReal()) {
      // What others have in the cluster is none of the test's business.
      builder.namespaces(List.of(namespace()));
    }
    KaitoController controller = settings.apply(builder).build().start();
    opened.push(controller);
    awaitUntil("the controller's caches are complete", controller::isReady);
    return controller;
  }

  /**
   * As {@link #await(CompletionStage, Duration)}: an hour of virtual time, or four real minutes.
   */
  public <T extends @Nullable Object> T await(CompletionStage<T> stage) {
    return await(stage, limit());
  }

  /**
   * Lets time pass until the stage is complete, and returns its value.
   *
   * @throws AssertionError when it is not complete within the limit
   * @throws java.util.concurrent.CompletionException when it completed exceptionally
   */
  public <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit) {
    return backend.await(stage, limit);
  }

  /** As {@link #awaitUntil(String, BooleanSupplier, Duration)}: an hour, or four real minutes. */
  public void awaitUntil(String what, BooleanSupplier condition) {
    awaitUntil(what, condition, limit());
  }

  /**
   * Lets time pass until a condition holds.
   *
   * @param what what is waited for, for the message
   * @throws AssertionError when it does not hold within the limit
   */
  public void awaitUntil(String what, BooleanSupplier condition, Duration limit) {
    backend.awaitUntil(what, condition, limit);
  }

  /** How long {@link #await} waits: an hour of virtual time, or four real minutes. */
  public Duration limit() {
    return backend.virtualTime() == null ? REAL_LIMIT : VIRTUAL_LIMIT;
  }

  /**
   * Lets things settle before a test looks at what did not happen: two minutes of virtual time, or
   * two seconds of real time.
   */
  public void settle() {
    VirtualScheduler virtual = backend.virtualTime();
    if (virtual != null) {
      virtual.advance(VIRTUAL_REST);
    } else {
      await(RealTime.after(scheduler(), REAL_REST));
    }
  }

  /** Which one it is. */
  @Override
  public String toString() {
    return backend.toString();
  }

  /**
   * Ends it. What the test left on a real cluster is removed: Workspaces of its namespace, their
   * claims and nodes, and the namespace.
   *
   * @throws IllegalStateException when something cannot be removed; the message says what
   */
  @Override
  public void close() {
    Throwable failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        failure = e;
      }
    }
    backend.close();
    if (failure != null) {
      throw new IllegalStateException("the cluster of the test did not end well", failure);
    }
  }

  /** Describes a {@link KubeCluster}. Not thread-safe. */
  public static final class Builder {
    Map<String, String> environment = System.getenv();
    Consumer<SimulatedNodes.Builder> nodes = settings -> {};
    Consumer<SimulatedWorkloads.Builder> workloads = settings -> {};
    @Nullable List<KaitoCrd> crds;
    boolean simulatesNodes = true;
    private Consumer<KubeApiServer.Builder> server = settings -> {};
    private @Nullable VirtualScheduler virtual;
    private boolean http;
    private long seed = 1;

    private Builder() {}

    /** Where the two variables are looked up; {@link System#getenv()} by default. */
    public Builder environment(Map<String, String> variables) {
      this.environment = Map.copyOf(variables);
      return this;
    }

    /** Always in this JVM, whatever the environment says. */
    public Builder embedded() {
      return environment(Map.of());
    }

    /** The virtual time of an embedded cluster; a new one by default. */
    public Builder virtualTime(VirtualScheduler value) {
      this.virtual = value;
      this.http = false;
      return this;
    }

    /** Where the randomness of a new virtual time comes from; 1 by default. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /** An embedded cluster listens on a port of 127.0.0.1 and runs on the wall clock. */
    public Builder http() {
      this.http = true;
      this.virtual = null;
      return this;
    }

    /** Options of an embedded API server. */
    public Builder server(Consumer<KubeApiServer.Builder> settings) {
      this.server = settings;
      return this;
    }

    /** Whether claims become nodes; default true. */
    public Builder simulateNodes(boolean play) {
      this.simulatesNodes = play;
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
     * CRDs to install; by default those of Kaito and the test kit's NodeClaim. On a real cluster
     * these are put over those that are there.
     */
    public Builder crds(List<KaitoCrd> value) {
      this.crds = List.copyOf(value);
      return this;
    }

    /** As {@link #crds(List)}, from the YAML files of a folder. */
    public Builder crds(Path folder) {
      return crds(Definitions.in(folder));
    }

    /**
     * Starts the cluster; returns when its API is served.
     *
     * @throws IllegalStateException when the real one cannot be reached, or a CRD is refused
     */
    public KubeCluster start() {
      String kubeconfig = environment.getOrDefault(KUBECONFIG_VARIABLE, "");
      return new KubeCluster(
          kubeconfig.isEmpty() ? embeddedCluster() : RealBackend.start(Path.of(kubeconfig), this));
    }

    private ClusterBackend embeddedCluster() {
      SimulatedCluster.Builder cluster =
          SimulatedCluster.builder()
              .server(server)
              .simulateNodes(simulatesNodes)
              .nodes(nodes)
              .workloads(workloads);
      if (crds != null) {
        cluster.crds(crds);
      }
      if (http) {
        return new EmbeddedBackend(cluster.start(), null);
      }
      VirtualScheduler time = virtual == null ? VirtualScheduler.seeded(seed) : virtual;
      return new EmbeddedBackend(cluster.onVirtualTime(time).start(), time);
    }
  }
}
