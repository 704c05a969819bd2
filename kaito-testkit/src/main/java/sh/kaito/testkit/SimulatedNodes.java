package sh.kaito.testkit;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.sim.nodes.InstanceShapes;
import sh.kaito.testkit.internal.sim.nodes.NodeProvisionerLoop;
import sh.kaito.testkit.internal.sim.nodes.NodeSettings;

/**
 * A simulated node provisioner: it turns karpenter.sh/v1 NodeClaims (or v1alpha5 Machines) into
 * Nodes with GPUs, as Karpenter or gpu-provisioner would, without buying anything. It is an
 * ordinary client of the API server, embedded or real.
 *
 * <pre>{@code
 * try (SimulatedNodes nodes =
 *     SimulatedNodes.builder(transport, scheduler)
 *         .launchDelay(Duration.ofMinutes(4))
 *         .behavior(claim -> claim.ordinal() == 0 ? ClaimBehavior.neverReady() : ClaimBehavior.normal())
 *         .start()) {
 *   ...
 *   nodes.bill().nodeTime(); // what it would have cost, in machine time
 * }
 * }</pre>
 *
 * <p><b>What a claim goes through.</b> Finalizer {@code karpenter.sh/termination}; after the launch
 * delay condition Launched, provider id, capacity; after the register delay a Node {@code
 * aks-<claim>-12345678-vmss000000} with the claim's labels and taints, an owner reference and the
 * same finalizer, and condition Registered; then Ready of the Node, its GPUs, and Initialized and
 * Ready of the claim. When the claim is deleted: Node, machine, finalizers, in this order. Pods on
 * the Node are not drained. Nodes carry annotation {@code java.kaito.sh/simulated: "true"}.
 *
 * <p>All delays default to zero. Thread-safe. {@link #close()} stops it where it is; machines stay
 * on the bill.
 */
public final class SimulatedNodes implements AutoCloseable {
  private final NodeProvisionerLoop loop;

  private SimulatedNodes(NodeProvisionerLoop loop) {
    this.loop = loop;
  }

  /** All options. */
  public static Builder builder(KubeTransport transport, Scheduler scheduler) {
    return new Builder(transport, scheduler);
  }

  /** Whether claims and nodes have been listed once. */
  public boolean isSynced() {
    return loop.isSynced();
  }

  /** What was bought so far and for how long. */
  public NodeBill bill() {
    return loop.bill();
  }

  /**
   * Makes a node Ready or not, from now on and whatever its {@link ClaimBehavior} says.
   *
   * @param claim name of the NodeClaim; unknown names are ignored
   */
  public void setReady(String claim, boolean ready) {
    loop.change(claim, machine -> machine.ready(ready));
  }

  /**
   * Takes the machine away as if it had been deleted in the cloud's portal: the Node goes at once,
   * the claim after the collect delay.
   *
   * @param claim name of the NodeClaim; unknown names are ignored
   */
  public void vanish(String claim) {
    loop.change(claim, NodeProvisionerLoop.MachineControl::vanish);
  }

  /**
   * Ends the failure of a claim's launch, as after a quota was raised.
   *
   * @param claim name of the NodeClaim; unknown names are ignored
   */
  public void letLaunch(String claim) {
    loop.change(claim, NodeProvisionerLoop.MachineControl::letLaunch);
  }

  @Override
  public void close() {
    loop.close();
  }

  /** Options of {@link SimulatedNodes}. Not thread-safe. */
  public static final class Builder {
    private final KubeTransport transport;
    private final Scheduler scheduler;
    private boolean machines;
    private Duration launch = Duration.ZERO;
    private Duration register = Duration.ZERO;
    private Duration ready = Duration.ZERO;
    private Duration gpu = Duration.ZERO;
    private Duration terminate = Duration.ZERO;
    private Duration collect = Duration.ofMinutes(2);
    private Duration heartbeat = Duration.ZERO;
    private Function<ClaimView, ClaimBehavior> behavior = claim -> ClaimBehavior.normal();
    private Function<String, Optional<NodeShape>> shapes = InstanceShapes.builtIn();

    private Builder(KubeTransport transport, Scheduler scheduler) {
      this.transport = Objects.requireNonNull(transport);
      this.scheduler = Objects.requireNonNull(scheduler);
    }

    /**
     * Serves karpenter.sh/v1alpha5 Machines instead of NodeClaims, as gpu-provisioner did before
     * 0.3. Their CRD must be installed: {@link SimulatedCluster.Builder#machines()} does both.
     */
    public Builder machines() {
      this.machines = true;
      return this;
    }

    /** From the claim to the machine. Default 0. */
    public Builder launchDelay(Duration delay) {
      this.launch = notNegative(delay);
      return this;
    }

    /** From the machine to its Node object. Default 0. */
    public Builder registerDelay(Duration delay) {
      this.register = notNegative(delay);
      return this;
    }

    /** From the Node object to Ready. Default 0. */
    public Builder readyDelay(Duration delay) {
      this.ready = notNegative(delay);
      return this;
    }

    /** From Ready to allocatable GPUs. Default 0. */
    public Builder gpuDelay(Duration delay) {
      this.gpu = notNegative(delay);
      return this;
    }

    /**
     * From the deletion of a claim to the end of its machine, which is paid until then. Default 0.
     */
    public Builder terminationDelay(Duration delay) {
      this.terminate = notNegative(delay);
      return this;
    }

    /**
     * From a machine that vanished to the deletion of its claim, and from a claim that vanished to
     * the end of its machine. Default 2 minutes, the period of Karpenter's garbage collection.
     */
    public Builder collectDelay(Duration delay) {
      this.collect = notNegative(delay);
      return this;
    }

    /**
     * Period in which Ready nodes report. Default 0, not at all. A cluster with a node controller
     * needs it: after 40 seconds without report it takes a node for lost.
     */
    public Builder heartbeat(Duration period) {
      this.heartbeat = notNegative(period);
      return this;
    }

    /** Decides on each claim once, when it is first seen. Default: all become nodes. */
    public Builder behavior(Function<ClaimView, ClaimBehavior> rule) {
      this.behavior = Objects.requireNonNull(rule);
      return this;
    }

    /**
     * What an instance type offers; empty: it is not sold, and the launch fails. Default: the GPU
     * sizes that the library knows, and Azure's {@code Standard_D*} without GPU.
     */
    public Builder shapes(Function<String, Optional<NodeShape>> table) {
      this.shapes = Objects.requireNonNull(table);
      return this;
    }

    private static Duration notNegative(Duration delay) {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("a delay is zero or more, found " + delay);
      }
      return delay;
    }

    /** Starts to watch. */
    public SimulatedNodes start() {
      NodeProvisionerLoop loop =
          new NodeProvisionerLoop(
              transport,
              scheduler,
              new NodeSettings(
                  new NodeSettings.Delays(launch, register, ready, gpu, terminate, collect),
                  behavior,
                  shapes,
                  heartbeat,
                  machines));
      loop.start();
      return new SimulatedNodes(loop);
    }
  }
}
