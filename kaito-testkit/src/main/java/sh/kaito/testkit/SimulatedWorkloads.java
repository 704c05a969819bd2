package sh.kaito.testkit;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.registry.RegistryConnection;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.kubelet.KubeletLoop;
import sh.kaito.testkit.internal.sim.kubelet.KubeletSettings;
import sh.kaito.testkit.internal.sim.scheduling.SchedulerLoop;
import sh.kaito.testkit.internal.sim.workloads.DeploymentLoop;
import sh.kaito.testkit.internal.sim.workloads.JobLoop;
import sh.kaito.testkit.internal.sim.workloads.ReplicaSetLoop;
import sh.kaito.testkit.internal.sim.workloads.StatefulSetLoop;

/**
 * The simulated rest of a cluster: the controllers of Deployments, StatefulSets and Jobs, the
 * scheduler, and a kubelet for every node. No container runs; images, probes, restarts and ends are
 * played by the clock, and where a container would serve a model, a {@link StubModel} in the
 * dialect of its image answers at the pod's address. It is an ordinary client of the API server,
 * embedded or real.
 *
 * <pre>{@code
 * try (SimulatedWorkloads workloads =
 *     SimulatedWorkloads.builder(transport, scheduler)
 *         .network(server.podNetwork())
 *         .weightsDelay(Duration.ofMinutes(3))
 *         .behavior(pod -> pod.ordinal() == 0 ? PodBehavior.outOfMemory(Duration.ofSeconds(20)) : PodBehavior.normal())
 *         .start()) {
 *   ...
 * }
 * }</pre>
 *
 * <p><b>Pods.</b> Bound by node selector, required node affinity, taints and resources, GPUs among
 * them; else {@code PodScheduled=False} with the scheduler's words. Images are pulled one delay
 * each, init containers end one after the other, startup, readiness and liveness probes follow
 * their own figures and really ask the stub. Container ids begin with {@code simulated://}. Of pods
 * that do not restart, the containers with GPUs (or all, where none has any) work for the work time
 * and end with the exit code of their {@link PodBehavior}; the others end at once.
 *
 * <p><b>Images</b> come by themselves, besides those of a {@link Builder#registry registry}: these
 * are pulled from it, an adapter's files are unpacked from its layers, and what a training leaves
 * is pushed to it.
 *
 * <p><b>Not played:</b> other volumes, pod affinity, preemption, network policies, Indexed Jobs,
 * events.
 *
 * <p>All delays default to zero. Thread-safe. {@link #close()} stops it where it is and ends the
 * model servers.
 */
public final class SimulatedWorkloads implements AutoCloseable {
  private final SimCluster cluster;
  private final @Nullable KubeletLoop kubelet;
  private final List<RegistryConnection> connections;

  private SimulatedWorkloads(
      SimCluster cluster,
      @Nullable KubeletLoop kubelet,
      Collection<RegistryConnection> connections) {
    this.cluster = cluster;
    this.kubelet = kubelet;
    this.connections = List.copyOf(connections);
  }

  /** All options. */
  public static Builder builder(KubeTransport transport, Scheduler scheduler) {
    return new Builder(transport, scheduler);
  }

  /** Whether everything that is watched has been listed once. */
  public boolean isSynced() {
    return cluster.isSynced();
  }

  /** Has the kubelet evict a running pod: phase Failed, reason Evicted. Others are left alone. */
  public void evict(String namespace, String pod, String message) {
    kubelet().change(namespace, pod, (control, now) -> control.evict(message));
  }

  /**
   * Makes the model server of a running pod sick or well. Its probes notice in their own time: a
   * pod stops being ready after period times failure threshold.
   */
  public void setHealthy(String namespace, String pod, boolean healthy) {
    kubelet().change(namespace, pod, (control, now) -> control.healthy(healthy));
  }

  /**
   * Ends the first running container of a pod, which then restarts by the pod's restart policy.
   *
   * @param reason {@code Error} or {@code OOMKilled}
   */
  public void crash(String namespace, String pod, int exitCode, String reason, String message) {
    kubelet().change(namespace, pod, (control, now) -> control.crash(exitCode, reason, message));
  }

  private KubeletLoop kubelet() {
    if (kubelet == null) {
      throw new IllegalStateException("these workloads were started with kubelet(false)");
    }
    return kubelet;
  }

  @Override
  public void close() {
    cluster.close();
    if (kubelet != null) {
      kubelet.close();
    }
    connections.forEach(RegistryConnection::close);
  }

  /** Options of {@link SimulatedWorkloads}. Not thread-safe. */
  public static final class Builder {
    private final KubeTransport transport;
    private final Scheduler scheduler;
    private @Nullable PodNetwork network;
    private boolean controllers = true;
    private boolean schedules = true;
    private boolean kubelets = true;
    private boolean sockets = true;
    private boolean everyNode = false;
    private final Map<String, StubRegistry> registries = new LinkedHashMap<>();
    private boolean shared;
    private Duration pull = Duration.ZERO;
    private Duration weights = Duration.ZERO;
    private Duration work = Duration.ZERO;
    private Duration stop = Duration.ZERO;
    private Function<PodView, PodBehavior> behavior = pod -> PodBehavior.normal();

    private Builder(KubeTransport transport, Scheduler scheduler) {
      this.transport = Objects.requireNonNull(transport);
      this.scheduler = Objects.requireNonNull(scheduler);
    }

    /** Where what listens in pods is registered. Default: a network of its own. */
    public Builder network(PodNetwork pods) {
      this.network = Objects.requireNonNull(pods);
      return this;
    }

    /**
     * Whether Deployments, StatefulSets and Jobs are played, and pods of lost nodes removed.
     * Default true; false where a real controller manager runs.
     */
    public Builder controllers(boolean play) {
      this.controllers = play;
      return this;
    }

    /** Whether pods are bound to nodes. Default true; false where a real scheduler runs. */
    public Builder scheduling(boolean play) {
      this.schedules = play;
      return this;
    }

    /** Whether pods that are bound run. Default true; false where others play the kubelet. */
    public Builder kubelet(boolean play) {
      this.kubelets = play;
      return this;
    }

    /**
     * Whether model servers listen on 127.0.0.1, a port for each pod. Default true. False: they are
     * called in process, which needs no thread and works under virtual time.
     */
    public Builder sockets(boolean listen) {
      this.sockets = listen;
      return this;
    }

    /**
     * Whether the kubelet is played for every node. Default false: only for nodes with annotation
     * {@code java.kaito.sh/simulated: "true"}, which {@link SimulatedNodes} sets, so that pods of
     * real nodes are left alone.
     */
    public Builder everyNode(boolean play) {
      this.everyNode = play;
      return this;
    }

    /**
     * The registry that images name: kubelet, pusher and pullers then speak the OCI distribution
     * protocol with it, as the pods' own specifications and Secrets say. Over its socket where
     * {@link #sockets} are used, else in process. The caller closes it after the workloads.
     *
     * @param host as in the names of images, such as {@code registry.example.com} or {@code
     *     localhost:5000}
     */
    public Builder registry(String host, StubRegistry registry) {
      registries.put(host, Objects.requireNonNull(registry));
      return this;
    }

    /**
     * For a cluster that has nodes and maybe a scheduler of its own: pods are bound to simulated
     * nodes alone, and what another scheduler says of a pod stands.
     */
    Builder shared() {
      this.shared = true;
      return this;
    }

    /** Time to pull an image. Default 0. */
    public Builder pullDelay(Duration delay) {
      this.pull = notNegative(delay);
      return this;
    }

    /** From the start of a model server's container until it listens. Default 0. */
    public Builder weightsDelay(Duration delay) {
      this.weights = notNegative(delay);
      return this;
    }

    /** How long the work of a Job's pod takes. Default 0. */
    public Builder workTime(Duration duration) {
      this.work = notNegative(duration);
      return this;
    }

    /** From the deletion of a pod to its end, at most its grace period. Default 0. */
    public Builder stopDelay(Duration delay) {
      this.stop = notNegative(delay);
      return this;
    }

    /** Decides on each pod once, when its node starts it. Default: all do well. */
    public Builder behavior(Function<PodView, PodBehavior> rule) {
      this.behavior = Objects.requireNonNull(rule);
      return this;
    }

    private static Duration notNegative(Duration delay) {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("a delay is zero or more, found " + delay);
      }
      return delay;
    }

    /** Starts to watch. */
    public SimulatedWorkloads start() {
      SimCluster cluster = new SimCluster(transport, scheduler, "simulated-workloads");
      // The order in which loops hear of a change; controllers index pods by owner first.
      SchedulerLoop.index(cluster);
      if (controllers) {
        DeploymentLoop.index(cluster);
        new DeploymentLoop(cluster);
        new ReplicaSetLoop(cluster);
        new StatefulSetLoop(cluster);
        new JobLoop(cluster);
      }
      if (schedules) {
        new SchedulerLoop(cluster, shared);
      }
      Map<String, RegistryConnection> connections = connections();
      KubeletLoop kubelet =
          kubelets ? new KubeletLoop(cluster, kubeletSettings(connections)) : null;
      cluster.start();
      return new SimulatedWorkloads(cluster, kubelet, connections.values());
    }

    private Map<String, RegistryConnection> connections() {
      Map<String, RegistryConnection> connections = new LinkedHashMap<>();
      registries.forEach(
          (host, registry) ->
              connections.put(
                  host,
                  sockets
                      ? RegistryConnection.http(registry.listen())
                      : RegistryConnection.inProcess(registry)));
      return connections;
    }

    private KubeletSettings kubeletSettings(Map<String, RegistryConnection> connections) {
      return new KubeletSettings(
          pull,
          weights,
          work,
          stop,
          behavior,
          network == null ? new PodNetwork() : network,
          sockets,
          everyNode,
          connections,
          controllers);
    }
  }
}
