package sh.kaito.testkit.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.tck.Expect.OTHER;
import static sh.kaito.testkit.tck.Expect.OWNER;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.core.provision.OrphanCollector;
import sh.kaito.core.provision.OrphanCollector.Pass;
import sh.kaito.core.provision.OwnerLookup;
import sh.kaito.testkit.RequestMatch;

/** Nodes without owner are collected, and nothing else is. */
class OrphanCollectorTest {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private static TckWorld world() {
    return new TckWorld(ClaimFixture.nodeClaims(ClaimProvisioner::gpuProvisioner));
  }

  private static OrphanCollector.Builder collector(TckWorld world, TckProcess process) {
    return OrphanCollector.builder(
        process.provisioner(), OwnerLookup.workspaces(world.cluster().transport()), world.time());
  }

  private static Pass pass(TckWorld world, OrphanCollector collector) {
    return world.time().await(collector.collect(), LIMIT);
  }

  private static TckProcess buy(TckWorld world, NodeSetKey... owners) {
    for (NodeSetKey owner : owners) {
      TckProcess buyer = world.process();
      buyer.ensure(world.fixture().spec(owner, Expect.slots(1)).build());
      world.until("the node is ready", buyer::isReady);
      buyer.crash();
    }
    return world.process();
  }

  /** A Workspace exists; the API server gives it a UID of its own. */
  private static NodeSetKey liveOwner(TckWorld world, String name) {
    KubeResponse made =
        world.send(
            KubeRequest.post(
                    "/apis/kaito.sh/v1beta1/namespaces/default/workspaces",
                    """
                    {"apiVersion": "kaito.sh/v1beta1", "kind": "Workspace",
                     "metadata": {"name": "%s"},
                     "resource": {"instanceType": "Standard_NC24ads_A100_v4",
                       "labelSelector": {"matchLabels": {"apps": "%s"}}},
                     "inference": {"preset": {"name": "phi-4-mini-instruct"}}}
                    """
                        .formatted(name, name)
                        .getBytes(UTF_8))
                .build());
    assertThat(made.isSuccess()).as(made.bodyText()).isTrue();
    String uid = made.bodyText().replaceAll("(?s).*\"uid\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    return new NodeSetKey("default", name, uid, NodeSetKey.WORKERS);
  }

  @Test
  void anOrphanIsCollectedAfterTwoSightingsAndTheLivingAreLeftAlone() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      TckProcess process = buy(world, alive, OWNER);
      OrphanCollector collector = collector(world, process).build();
      assertThat(pass(world, collector)).isEqualTo(new Pass.Done(2, 1, 0));
      world.time().advance(Duration.ofMinutes(4));
      assertThat(pass(world, collector)).as("too early").isEqualTo(new Pass.Done(2, 1, 0));
      world.time().advance(Duration.ofMinutes(1));
      assertThat(pass(world, collector)).isEqualTo(new Pass.Done(2, 1, 1));
      world.time().advance(Duration.ofMinutes(5));
      pass(world, collector);
      world.time().advance(Duration.ofMinutes(5));
      pass(world, collector);
      assertThat(world.heldBy(OWNER)).isEmpty();
      assertThat(world.heldBy(alive)).hasSize(1);
      assertThat(collector.collected()).isEqualTo(1);
      assertThat(pass(world, collector)).isEqualTo(new Pass.Done(1, 0, 0));
    }
  }

  @Test
  void aNamesakeWithAnotherUidIsNotTheOwner() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      NodeSetKey before =
          new NodeSetKey("default", "alive", "11111111-2222-4333-8444-555555555555", "workers");
      TckProcess process = buy(world, alive, before);
      OrphanCollector collector = collector(world, process).build();
      pass(world, collector);
      world.time().advance(Duration.ofMinutes(5));
      assertThat(pass(world, collector)).isEqualTo(new Pass.Done(2, 1, 1));
      world.untilHeld("the namesake's is gone", () -> world.heldBy(before).isEmpty());
      assertThat(world.heldBy(alive)).hasSize(1);
    }
  }

  @Test
  void whenNotOneOwnerExistsItPausesUnlessAllowed() {
    try (TckWorld world = world()) {
      TckProcess process = buy(world, OWNER);
      OrphanCollector careful = collector(world, process).build();
      OrphanCollector allowed = collector(world, process).evenWithoutOwners().build();
      pass(world, careful);
      pass(world, allowed);
      world.time().advance(Duration.ofMinutes(6));
      assertThat(pass(world, careful)).isInstanceOf(Pass.Paused.class);
      assertThat(careful.pauses()).isEqualTo(1);
      assertThat(world.heldBy(OWNER)).hasSize(1);
      assertThat(pass(world, allowed)).isEqualTo(new Pass.Done(1, 1, 1));
    }
  }

  @Test
  void anOwnerThatCannotBeReadStopsThePass() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      TckProcess process = buy(world, alive, OWNER);
      OrphanCollector collector = collector(world, process).build();
      pass(world, collector);
      world.time().advance(Duration.ofMinutes(6));
      world
          .cluster()
          .server()
          .faults()
          .requests(RequestMatch.of("get", "workspaces"))
          .every()
          .answer(503, "ServiceUnavailable", "etcd is down");
      assertThat(pass(world, collector)).isInstanceOf(Pass.Paused.class);
      assertThat(world.heldBy(OWNER)).hasSize(1);
    }
  }

  @Test
  void aMissingApiIsNoMissingOwner() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      TckProcess process = buy(world, alive, OWNER);
      OrphanCollector collector =
          collector(world, process).known(key -> key.equals(alive)).evenWithoutOwners().build();
      pass(world, collector);
      world.send(
          KubeRequest.delete(
                  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/workspaces.kaito.sh")
              .build());
      world.time().advance(Duration.ofMinutes(6));
      assertThat(pass(world, collector)).isInstanceOf(Pass.Paused.class);
      assertThat(world.heldBy(OWNER)).hasSize(1);
    }
  }

  @Test
  void onlyAFifthOfTheOwnersGoesInOnePass() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      TckProcess process = buy(world, alive, OWNER, OTHER);
      OrphanCollector collector = collector(world, process).build();
      pass(world, collector);
      world.time().advance(Duration.ofMinutes(5));
      assertThat(pass(world, collector)).isEqualTo(new Pass.Done(3, 2, 1));
      assertThat(pass(world, collector)).as("the next").isEqualTo(new Pass.Done(3, 2, 1));
    }
  }

  @Test
  void claimsOfTheGoOperatorAndOfOtherInstallationsAreNotLookedAt() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      TckProcess process = buy(world, alive);
      world.cloud().occupy("ws123456789");
      world.time().advance(Duration.ofMinutes(1));
      OrphanCollector collector = collector(world, process).build();
      assertThat(pass(world, collector)).isEqualTo(new Pass.Done(1, 0, 0));
    }
  }

  @Test
  void whoDoesNotLeadAnyMoreReleasesNothing() {
    try (TckWorld world = world()) {
      NodeSetKey alive = liveOwner(world, "alive");
      TckProcess process = buy(world, alive, OWNER);
      OrphanCollector collector = collector(world, process).mayAct(() -> false).build();
      pass(world, collector);
      world.time().advance(Duration.ofMinutes(6));
      assertThat(pass(world, collector)).isInstanceOf(Pass.Paused.class);
      assertThat(world.heldBy(OWNER)).hasSize(1);
    }
  }
}
