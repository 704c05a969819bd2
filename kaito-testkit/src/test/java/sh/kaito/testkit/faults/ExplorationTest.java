package sh.kaito.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.EventFaults;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.RequestFaults;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.behaviour.Seeds;

/**
 * Faults carry an explorer: what one client sends and hears in a scenario is enumerated, and struck
 * one after the other. The scenario here is short; that it converges is what the engine promises.
 */
class ExplorationTest {
  /** Each fate strikes every seventh: all of them take minutes. */
  private static final int STEP = 7;

  private static final RequestMatch WRITES =
      RequestMatch.builder()
          .userAgent("engine")
          .addVerbs("create", "update", "patch", "delete")
          .build();
  private static final RequestMatch WATCHES =
      RequestMatch.builder().userAgent("engine").addVerbs("watch").build();

  /** What may happen to a request. */
  enum RequestFate {
    ERROR((world, faults) -> faults.answer(500, "InternalError", "a fault on purpose")),
    THROTTLED((world, faults) -> faults.throttle(Duration.ofSeconds(3))),
    RESET_BEFORE((world, faults) -> faults.resetBefore()),
    RESET_AFTER((world, faults) -> faults.resetAfter()),
    LATE((world, faults) -> faults.applyLate(Duration.ofSeconds(40))),
    CRASH_BEFORE((world, faults) -> faults.then(world::crash).resetBefore()),
    CRASH_AFTER((world, faults) -> faults.then(world::crash).resetAfter()),
    LATE_AFTER_CRASH(
        (world, faults) -> faults.then(world::crash).applyLate(Duration.ofSeconds(40)));

    private final BiFunction<World, RequestFaults, Fault> set;

    RequestFate(BiFunction<World, RequestFaults, Fault> set) {
      this.set = set;
    }
  }

  /** What may happen to a watch event. */
  enum EventFate {
    DROPPED(faults -> faults.drop(Duration.ofMinutes(5))),
    DOUBLED(EventFaults::duplicate),
    DELAYED(faults -> faults.delay(Duration.ofSeconds(30))),
    CUT(EventFaults::cut),
    EXPIRED(EventFaults::expire);

    private final java.util.function.Function<EventFaults, Fault> set;

    EventFate(java.util.function.Function<EventFaults, Fault> set) {
      this.set = set;
    }
  }

  /** One run: a cluster, an engine that may die and comes back, one Workspace. */
  private static final class World implements AutoCloseable {
    final KubeCluster cluster = KubeCluster.builder().embedded().seed(5).start();
    private final List<KaitoController> started = new ArrayList<>();

    World() {
      startEngine();
      cluster.awaitUntil("the engine is ready", started.get(0)::isReady);
    }

    private void startEngine() {
      KubeTransport transport = cluster.connect("engine");
      started.add(
          KaitoController.builder(transport)
              .scheduler(cluster.scheduler())
              .provisioner(ClaimProvisioner.gpuProvisioner())
              .build()
              .start());
    }

    /** The process dies; another takes over ten seconds later. */
    void crash() {
      started.get(started.size() - 1).close();
      var unused = cluster.scheduler().schedule(Duration.ofSeconds(10), this::startEngine);
    }

    /** Up and down again; what is left is what the run is judged by. */
    void tell(String replay) {
      try {
        WorkspaceKey key = cluster.await(cluster.client().applyAsync(Seeds.phi3())).key();
        cluster.await(cluster.client().awaitReadyAsync(key, cluster.limit(), progress -> {}));
        cluster.settle();
        assertThat(cluster.nodes().bill().bought()).as("%s: machines bought", replay).isEqualTo(1);
        cluster.await(cluster.client().deleteAsync(key));
        cluster.await(cluster.client().awaitDeletedAsync(key, cluster.limit(), progress -> {}));
        cluster.settle();
        assertThat(cluster.nodes().bill().running())
            .as("%s: machines that are still paid for", replay)
            .isZero();
      } catch (RuntimeException e) {
        throw new AssertionError(replay + ": " + e, e);
      }
    }

    @Override
    public void close() {
      started.forEach(KaitoController::close);
      cluster.close();
    }
  }

  private static List<String> observed(boolean events) {
    try (World world = new World()) {
      Fault all =
          events
              ? world.cluster.faults().events(WATCHES).observe()
              : world.cluster.faults().requests(WRITES).observe();
      world.tell("without a fault");
      return all.seen();
    }
  }

  @Test
  void theSameRunSeesTheSameInTheSameOrder() {
    assertThat(observed(false)).isEqualTo(observed(false)).hasSizeGreaterThan(8);
    assertThat(observed(true)).isEqualTo(observed(true)).hasSizeGreaterThan(8);
  }

  @ParameterizedTest
  @EnumSource
  void requestsMayFail(RequestFate fate) {
    List<String> requests = observed(false);
    for (int n = 1 + fate.ordinal() % STEP; n <= requests.size(); n += STEP) {
      try (World world = new World()) {
        Fault fault = fate.set.apply(world, world.cluster.faults().requests(WRITES).nth(n));
        world.tell(fate + " at request " + n + " (" + requests.get(n - 1) + ")");
        assertThat(fault.struck()).as("request %s was sent", n).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void watchEventsMayFail(EventFate fate) {
    List<String> events = observed(true);
    for (int n = 1 + fate.ordinal() % STEP; n <= events.size(); n += STEP) {
      try (World world = new World()) {
        Fault fault = fate.set.apply(world.cluster.faults().events(WATCHES).nth(n));
        world.tell(fate + " at event " + n + " (" + events.get(n - 1) + ")");
        assertThat(fault.struck()).as("event %s was sent", n).isEqualTo(1);
      }
    }
  }

  @Test
  void theFirstListsMayBeStale() {
    for (int changes : Stream.of(1, 3, 10, 30).toList()) {
      try (World world = new World()) {
        WorkspaceKey key =
            world.cluster.await(world.cluster.client().applyAsync(Seeds.phi3())).key();
        world.cluster.await(
            world.cluster.client().awaitReadyAsync(key, world.cluster.limit(), progress -> {}));
        Fault fault =
            world
                .cluster
                .faults()
                .requests(RequestMatch.builder().userAgent("engine").addVerbs("list").build())
                .stale(changes);
        world.crash();
        world.cluster.awaitUntil(
            "the new process has listed",
            () -> world.started.size() == 2 && world.started.get(1).isReady());
        // The looks that allow the end of a Workspace are never answered from a cache.
        fault.remove();
        world.tell("lists stale by " + changes + " changes after a restart");
        assertThat(fault.struck()).as("lists of the new process").isPositive();
      }
    }
  }
}
