package sh.kaito.testkit.tck;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/** Where one rule is tried: a cluster on virtual time, a cloud, and processes that come and go. */
public final class TckWorld implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofHours(3);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** From a request to its machine in this world, wherever the cloud can choose. */
  public static final Duration MACHINE_DELAY = Duration.ofMinutes(4);

  private final VirtualScheduler time;
  private final ProvisionerFixture fixture;
  private final SimulatedCluster cluster;
  private final TckCloud cloud;
  private final List<TckProcess> processes = new ArrayList<>();

  TckWorld(ProvisionerFixture fixture) {
    this.fixture = fixture;
    this.time = VirtualScheduler.builder().seed(20261122).shuffled().build();
    SimulatedCluster.Builder settings =
        SimulatedCluster.builder()
            .onVirtualTime(time)
            .nodes(
                nodes ->
                    nodes
                        .launchDelay(MACHINE_DELAY)
                        .registerDelay(Duration.ofSeconds(30))
                        .readyDelay(Duration.ofSeconds(20))
                        .gpuDelay(Duration.ofSeconds(40))
                        .terminationDelay(Duration.ofMinutes(1)))
            .simulateWorkloads(false);
    fixture.cluster(settings);
    this.cluster = settings.start();
    this.cloud = fixture.cloud(this);
  }

  /** Time; it stands between the calls of a rule. */
  public VirtualScheduler time() {
    return time;
  }

  /** The cluster, its faults and, where the fixture keeps them, its simulated nodes. */
  public SimulatedCluster cluster() {
    return cluster;
  }

  TckCloud cloud() {
    return cloud;
  }

  ProvisionerFixture fixture() {
    return fixture;
  }

  /** Starts a process and waits until its caches are complete. */
  TckProcess process() {
    TckProcess process = new TckProcess(this, "tck-process-" + (processes.size() + 1));
    processes.add(process);
    until("the provisioner is synced", process::isSynced);
    return process;
  }

  /** Lets time pass until something is so; fails when it is not within hours. */
  void until(String what, BooleanSupplier condition) {
    time.advanceUntil(what, condition, LIMIT);
  }

  /** Lets time pass, second by second, until the cloud has something, or has not. */
  void untilHeld(String what, BooleanSupplier condition) {
    Instant end = time.now().plus(LIMIT);
    time.runUntilIdle();
    while (!condition.getAsBoolean()) {
      if (time.now().isAfter(end)) {
        throw new AssertionError("not within " + LIMIT + ": " + what + "; found " + cloud.held());
      }
      time.advance(LOOK_EVERY);
    }
  }

  /** What exists for an owner. */
  List<TckCloud.Held> heldBy(NodeSetKey key) {
    return cloud.held().stream().filter(held -> held.ownerUid().equals(key.ownerUid())).toList();
  }

  /** Fails when a slot is filled twice at the same epoch. */
  void checkNothingIsDouble(NodeSetKey key) {
    List<NodeSlot> slots = heldBy(key).stream().map(TckCloud.Held::slot).toList();
    if (slots.stream().distinct().count() != slots.size()) {
      throw new AssertionError(
          "two purchases for one slot at one epoch; use the name of NodeNames.of: " + heldBy(key));
    }
  }

  /** Sends a request past all processes; for fixtures. */
  public KubeResponse send(KubeRequest request) {
    KubeResponse response = time.await(cluster.transport().exchange(request), LIMIT);
    if (response.status() >= 500) {
      throw new IllegalStateException(request + ": " + new String(response.body(), UTF_8));
    }
    return response;
  }

  @Override
  public void close() {
    processes.forEach(TckProcess::crash);
    cloud.close();
    cluster.close();
  }
}
