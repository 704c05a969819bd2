package sh.kaito.testkit.tck;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.testkit.internal.tck.NodeCache;
import sh.kaito.testkit.internal.tck.TaggedTransport;

/**
 * One controller process: a provisioner with caches of its own, and a loop that does what an engine
 * does. It calls {@code ensure} or {@code release} again when the provisioner reports a change, at
 * the time that the status names, and once a minute.
 */
final class TckProcess {
  static final String INSTALLATION = "tck";
  private static final Duration HEARTBEAT = Duration.ofMinutes(1);

  private final TckWorld world;
  private final String agent;
  private final TaggedTransport transport;
  private final NodeCache nodes;
  private final NodeProvisioner provisioner;
  private @Nullable Supplier<NodeSetStatus> goal;
  private @Nullable NodeSetStatus last;
  private Scheduler.Timer timer = () -> {};
  private boolean queued;
  private boolean crashed;

  TckProcess(TckWorld world, String agent) {
    this.world = world;
    this.agent = agent;
    this.transport = new TaggedTransport(world.cluster().transport(), agent);
    this.nodes = NodeCache.start(transport, world.time());
    this.provisioner = world.fixture().provisioner(world, world.cloud());
    provisioner.start(
        ProvisionerContext.builder()
            .transport(transport)
            .scheduler(world.time())
            .nodes(nodes)
            .changes(key -> wake())
            .installation(INSTALLATION)
            .fieldManager(KaitoApi.FIELD_MANAGER)
            .build());
  }

  /** What requests of this process carry as their {@code User-Agent}. */
  String agent() {
    return agent;
  }

  TaggedTransport transport() {
    return transport;
  }

  NodeCache nodes() {
    return nodes;
  }

  NodeProvisioner provisioner() {
    return provisioner;
  }

  boolean isSynced() {
    return nodes.isSynced() && provisioner.isSynced();
  }

  /** Wants these nodes from now on. */
  void ensure(NodeSetSpec spec) {
    pursue(() -> provisioner.ensure(spec));
  }

  /** Wants no node of this set from now on. */
  void release(NodeSetKey key, Instant countsFrom) {
    pursue(() -> provisioner.release(key, countsFrom));
  }

  private void pursue(Supplier<NodeSetStatus> wish) {
    goal = wish;
    run();
  }

  private void wake() {
    if (!queued && !crashed && goal != null) {
      queued = true;
      world.time().executor().execute(this::run);
    }
  }

  private void run() {
    queued = false;
    Supplier<NodeSetStatus> wish = goal;
    if (crashed || wish == null) {
      return;
    }
    timer.cancel();
    NodeSetStatus status =
        Objects.requireNonNull(wish.get(), "ensure and release answer with a status, never null");
    last = status;
    Instant now = world.time().now();
    Duration wait =
        status
            .nextLook()
            .map(look -> Duration.between(now, look))
            .filter(look -> look.compareTo(HEARTBEAT) < 0)
            .orElse(HEARTBEAT);
    timer =
        world
            .time()
            .schedule(
                wait.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : wait,
                this::wake);
  }

  /** The latest status that the provisioner answered with. */
  NodeSetStatus status() {
    NodeSetStatus status = last;
    if (status == null) {
      throw new IllegalStateException("nothing was asked of this process yet");
    }
    return status;
  }

  NodePhase phase() {
    return status().phase();
  }

  Optional<SlotStatus> slot(NodeSlot slot) {
    return status().slots().stream().filter(one -> one.slot().equals(slot)).findFirst();
  }

  boolean isReady() {
    return phase() == NodePhase.READY;
  }

  boolean isGone() {
    return phase() == NodePhase.GONE;
  }

  /** Lets go of the goal, so that nothing more is asked. */
  void rest() {
    goal = null;
    timer.cancel();
  }

  /** Ends as a killed process does: no call more, nothing cleaned up. */
  void crash() {
    if (!crashed) {
      crashed = true;
      rest();
      provisioner.close();
      nodes.close();
    }
  }

  List<SlotStatus> slots() {
    return status().slots();
  }
}
