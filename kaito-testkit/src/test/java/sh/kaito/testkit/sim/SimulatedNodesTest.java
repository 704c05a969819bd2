package sh.kaito.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.sim.SimWorld.CLAIMS;
import static sh.kaito.testkit.sim.SimWorld.NODES;
import static sh.kaito.testkit.sim.SimWorld.claim;
import static sh.kaito.testkit.sim.SimWorld.condition;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.testkit.ClaimBehavior;
import sh.kaito.testkit.SimulatedNodes;

class SimulatedNodesTest {
  private static final String NODE = NODES + "/aks-c1-12345678-vmss000000";
  private static final String CLAIM = CLAIMS + "/c1";

  private static SimWorld world(ClaimBehavior behavior) {
    return SimWorld.of(
        nodes ->
            nodes
                .launchDelay(Duration.ofMinutes(3))
                .registerDelay(Duration.ofSeconds(40))
                .readyDelay(Duration.ofSeconds(20))
                .gpuDelay(Duration.ofMinutes(1))
                .terminationDelay(Duration.ofSeconds(90))
                .behavior(claim -> behavior),
        workloads -> workloads);
  }

  @Test
  void claimBecomesANodeStageByStage() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC24ads_A100_v4"));
      world.settle();
      JsonNode seen = world.get(CLAIM);
      assertThat(seen.at("/metadata/finalizers").toString()).contains("karpenter.sh/termination");
      assertThat(condition(seen, "Launched")).isEqualTo("Unknown AwaitingReconciliation");
      assertThat(condition(seen, "Ready")).isEqualTo("Unknown ReconcilingDependents");
      assertThat(world.nodes.bill().bought()).as("nothing is bought yet").isZero();

      world.advance(Duration.ofMinutes(3));
      JsonNode launched = world.get(CLAIM);
      assertThat(condition(launched, "Launched")).isEqualTo("True Launched");
      assertThat(condition(launched, "Registered")).isEqualTo("Unknown NodeNotFound");
      assertThat(launched.at("/status/capacity/nvidia.com~1gpu").asText()).isEqualTo("1");
      assertThat(world.get(NODE).isMissingNode()).as("the machine has not joined").isTrue();

      world.advance(Duration.ofSeconds(40));
      JsonNode joined = world.get(NODE);
      assertThat(joined.at("/metadata/labels/apps").asText()).isEqualTo("phi-3");
      assertThat(joined.at("/metadata/labels/node.kubernetes.io~1instance-type").asText())
          .isEqualTo("Standard_NC24ads_A100_v4");
      assertThat(joined.at("/spec/taints/0/key").asText()).isEqualTo("sku");
      assertThat(joined.at("/metadata/ownerReferences/0/name").asText()).isEqualTo("c1");
      assertThat(joined.at("/spec/providerID"))
          .isEqualTo(world.get(CLAIM).at("/status/providerID"));
      assertThat(condition(joined, "Ready")).isEqualTo("False KubeletNotReady");
      assertThat(condition(world.get(CLAIM), "Registered")).isEqualTo("True Registered");
      assertThat(condition(world.get(CLAIM), "Initialized")).isEqualTo("Unknown NodeNotReady");

      world.advance(Duration.ofSeconds(20));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("True KubeletReady");
      assertThat(world.get(NODE).at("/status/allocatable/nvidia.com~1gpu").isMissingNode())
          .as("no device plugin yet")
          .isTrue();
      assertThat(condition(world.get(CLAIM), "Ready"))
          .as("the claim asks for storage alone, so it does not wait for the GPUs")
          .isEqualTo("True Ready");

      world.advance(Duration.ofMinutes(1));
      assertThat(world.get(NODE).at("/status/allocatable/nvidia.com~1gpu").asText()).isEqualTo("1");
      assertThat(world.get(NODE).at("/metadata/labels/karpenter.sh~1initialized").asText())
          .isEqualTo("true");
    }
  }

  @Test
  void theTaintOfANewNodeIsTakenOffWhenItIsReadyAndNotBefore() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(3).plusSeconds(40));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("False KubeletNotReady");
      world.merge(
          NODE,
          "{\"spec\":{\"taints\":[{\"key\":\"sku\",\"value\":\"gpu\",\"effect\":\"NoSchedule\"},"
              + "{\"key\":\"node.kubernetes.io/not-ready\",\"effect\":\"NoSchedule\"}]}}");
      world.advance(Duration.ofSeconds(10));
      assertThat(world.get(NODE).at("/spec/taints")).as("taints before").hasSize(2);
      world.advance(Duration.ofSeconds(10));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("True KubeletReady");
      assertThat(world.get(NODE).at("/spec/taints"))
          .as("taints of a Ready node")
          .singleElement()
          .extracting(taint -> taint.path("key").asText())
          .isEqualTo("sku");
    }
  }

  @Test
  void deletionTakesNodeMachineAndFinalizersInThisOrder() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(10));
      world.delete(CLAIM);
      world.settle();
      assertThat(world.get(NODE).at("/metadata/deletionTimestamp").isMissingNode()).isFalse();
      assertThat(world.nodes.bill().running()).as("still paid for").isEqualTo(1);

      world.advance(Duration.ofSeconds(90));
      assertThat(world.list(NODES)).isEmpty();
      assertThat(world.list(CLAIMS)).isEmpty();
      assertThat(world.nodes.bill().running()).isZero();
      assertThat(world.nodes.bill().nodeTime())
          .as("from the launch at minute 3 to the end at 11:30")
          .isEqualTo(Duration.ofMinutes(7).plusSeconds(90));
    }
  }

  @Test
  void deletionDuringTheLaunchBuysNothing() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(2));
      world.delete(CLAIM);
      world.advance(Duration.ofMinutes(10));
      assertThat(world.list(CLAIMS)).isEmpty();
      assertThat(world.list(NODES)).isEmpty();
      assertThat(world.nodes.bill().bought()).isZero();
    }
  }

  @Test
  void launchThatFailsSaysSoAndWorksOnceItMay() {
    try (SimWorld world = world(ClaimBehavior.launchFails("LaunchFailed", "quota exceeded"))) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(30));
      JsonNode failed = world.get(CLAIM);
      assertThat(condition(failed, "Launched")).isEqualTo("Unknown LaunchFailed");
      assertThat(SimWorld.message(failed, "Launched")).isEqualTo("quota exceeded");
      assertThat(world.nodes.bill().bought()).isZero();

      world.nodes.letLaunch("c1");
      world.advance(Duration.ofMinutes(3));
      assertThat(condition(world.get(CLAIM), "Ready")).isEqualTo("True Ready");
      assertThat(world.nodes.bill().bought()).isEqualTo(1);
    }
  }

  @Test
  void claimWithoutCapacityIsDeletedByTheProvisioner() {
    try (SimWorld world = world(ClaimBehavior.insufficientCapacity())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(2));
      assertThat(world.list(CLAIMS)).hasSize(1);
      world.advance(Duration.ofMinutes(1));
      assertThat(world.list(CLAIMS)).isEmpty();
      assertThat(world.nodes.bill().bought()).isZero();
    }
  }

  @Test
  void unknownInstanceTypeIsNotSold() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v99"));
      world.advance(Duration.ofMinutes(4));
      assertThat(SimWorld.message(world.get(CLAIM), "Launched")).contains("Standard_NC6s_v99");
      assertThat(world.nodes.bill().bought()).isZero();
    }
  }

  @Test
  void machineThatNeverJoinsIsPaidFor() {
    try (SimWorld world = world(ClaimBehavior.neverRegisters())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofHours(1));
      assertThat(condition(world.get(CLAIM), "Registered")).isEqualTo("Unknown NodeNotFound");
      assertThat(world.nodes.bill().nodeTime()).isEqualTo(Duration.ofMinutes(57));
      world.delete(CLAIM);
      world.advance(Duration.ofMinutes(2));
      assertThat(world.list(CLAIMS)).isEmpty();
      assertThat(world.nodes.bill().running()).isZero();
    }
  }

  @Test
  void nodeThatNeverTurnsReadyAndNodeWithoutGpus() {
    try (SimWorld world = world(ClaimBehavior.neverReady())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofHours(1));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("False KubeletNotReady");
      assertThat(condition(world.get(CLAIM), "Initialized")).isEqualTo("Unknown NodeNotReady");
    }
    try (SimWorld world = world(ClaimBehavior.gpuNeverAllocatable())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofHours(1));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("True KubeletReady");
      assertThat(world.get(NODE).at("/status/allocatable/nvidia.com~1gpu").isMissingNode())
          .isTrue();
    }
  }

  @Test
  void nodeThatBreaksLater() {
    ClaimBehavior behavior = ClaimBehavior.builder().notReadyAfter(Duration.ofMinutes(30)).build();
    try (SimWorld world = world(behavior)) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(30));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("True KubeletReady");
      world.advance(Duration.ofMinutes(5));
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("False KubeletNotReady");
      world.nodes.setReady("c1", true);
      world.settle();
      assertThat(condition(world.get(NODE), "Ready")).isEqualTo("True KubeletReady");
    }
  }

  @Test
  void machineThatVanishesTakesNodeAtOnceAndClaimLater() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(13));
      world.nodes.vanish("c1");
      world.settle();
      assertThat(world.list(NODES)).isEmpty();
      assertThat(world.list(CLAIMS)).hasSize(1);
      assertThat(world.nodes.bill().nodeTime()).isEqualTo(Duration.ofMinutes(10));
      world.advance(Duration.ofMinutes(2));
      assertThat(world.list(CLAIMS)).isEmpty();
    }
  }

  @Test
  void deletedNodeTakesItsClaimAlong() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(10));
      world.delete(NODE);
      world.advance(Duration.ofMinutes(2));
      assertThat(world.list(NODES)).isEmpty();
      assertThat(world.list(CLAIMS)).isEmpty();
      assertThat(world.nodes.bill().running()).isZero();
    }
  }

  @Test
  void newSimulatorTakesOverWhatAnOlderOneBought() {
    try (SimWorld world = world(ClaimBehavior.normal())) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.advance(Duration.ofMinutes(10));
      String uid = world.get(NODE).at("/metadata/uid").asText();
      world.nodes.close();
      try (SimulatedNodes second =
          SimulatedNodes.builder(world.server.transport(), world.time).start()) {
        world.advance(Duration.ofMinutes(10));
        assertThat(world.get(NODE).at("/metadata/uid").asText()).isEqualTo(uid);
        assertThat(second.bill().bought()).isEqualTo(1);
        assertThat(second.bill().nodeTime()).isEqualTo(Duration.ofMinutes(17));
        world.delete(CLAIM);
        world.settle();
        assertThat(world.list(NODES)).isEmpty();
        assertThat(world.list(CLAIMS)).isEmpty();
      }
    }
  }

  @Test
  void settledClusterIsQuiet() {
    try (SimWorld world = SimWorld.plain()) {
      world.create(CLAIMS, claim("c1", "Standard_NC6s_v3"));
      world.settle();
      assertThat(condition(world.get(CLAIM), "Ready")).isEqualTo("True Ready");
      String claimVersion = world.get(CLAIM).at("/metadata/resourceVersion").asText();
      String nodeVersion = world.get(NODE).at("/metadata/resourceVersion").asText();
      world.advance(Duration.ofHours(2));
      assertThat(world.get(CLAIM).at("/metadata/resourceVersion").asText()).isEqualTo(claimVersion);
      assertThat(world.get(NODE).at("/metadata/resourceVersion").asText()).isEqualTo(nodeVersion);
    }
  }

  @Test
  void sameSeedSameRun() {
    assertThat(history(7)).isEqualTo(history(7));
  }

  private static List<String> history(long seed) {
    List<String> history = new ArrayList<>();
    try (SimWorld world =
        SimWorld.seeded(
            seed,
            nodes -> nodes.launchDelay(Duration.ofMinutes(1)).gpuDelay(Duration.ofSeconds(7)),
            workloads -> workloads)) {
      for (int i = 0; i < 5; i++) {
        world.create(CLAIMS, claim("c" + i, "Standard_NC6s_v3"));
      }
      Instant end = world.now().plus(Duration.ofMinutes(3));
      while (world.now().isBefore(end)) {
        world.advance(Duration.ofSeconds(5));
        for (JsonNode node : world.list(NODES)) {
          history.add(
              world.now()
                  + " "
                  + node.at("/metadata/name").asText()
                  + " "
                  + node.at("/metadata/resourceVersion").asText()
                  + " "
                  + condition(node, "Ready"));
        }
      }
    }
    assertThat(history).isNotEmpty();
    return history;
  }
}
