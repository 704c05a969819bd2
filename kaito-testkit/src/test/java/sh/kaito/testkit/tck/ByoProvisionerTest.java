package sh.kaito.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.tck.Expect.OTHER;
import static sh.kaito.testkit.tck.Expect.OWNER;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.ProvisionFailure;

/** What is particular to bring-your-own nodes: a fleet that is shared and that is not ours. */
class ByoProvisionerTest {

  private static NodeSetSpec other(TckWorld world, int count) {
    return world.fixture().spec(OTHER, Expect.slots(count)).build();
  }

  @Test
  void noNodeCountsTwiceAndWhoComesLateWaitsUntilEnoughAreFree() {
    try (TckWorld world = new TckWorld(new ByoFixture())) {
      TckProcess first = world.process();
      TckProcess second = world.process();
      first.ensure(Expect.nodes(world, 3));
      world.until("three nodes are taken", first::isReady);
      second.ensure(other(world, 2));
      world.time().advance(Duration.ofMinutes(5));
      assertThat(second.phase()).isEqualTo(NodePhase.BLOCKED);
      assertThat(second.status().failure().map(ProvisionFailure::code)).hasValue("TooFewNodes");
      assertThat(world.heldBy(OTHER)).as("all or none").isEmpty();

      int before = second.transport().requests();
      world.time().advance(Duration.ofHours(1));
      assertThat(second.transport().requests()).as("waiting costs no request").isEqualTo(before);

      first.release(OWNER, world.time().now());
      world.until("the first is gone", first::isGone);
      world.until("the second has its nodes", second::isReady);
      assertThat(second.status().nodeNames()).hasSize(2);
    }
  }

  @Test
  void releaseDeletesNoNodeAndTakesOffNothingButItsOwn() {
    try (TckWorld world = new TckWorld(new ByoFixture())) {
      String before = labels(world);
      TckProcess process = world.process();
      process.ensure(Expect.nodes(world, 4));
      world.until("all nodes are taken", process::isReady);
      assertThat(labels(world)).isNotEqualTo(before);
      process.release(OWNER, world.time().now());
      world.until("the release ends", process::isGone);
      assertThat(labels(world)).as("as it was").isEqualTo(before);
    }
  }

  private static String labels(TckWorld world) {
    return world
        .send(KubeRequest.get("/api/v1/nodes").build())
        .bodyText()
        .replaceAll("\"resourceVersion\":\"\\d+\"", "")
        .replaceAll("\"managedFields\":\\[.*?\\](?=,\"|\\})", "")
        .replaceAll("\"annotations\":\\{\\},?", "");
  }

  @Test
  void aNodeThatBecomesFitIsTakenWithoutBeingAskedAgain() {
    try (TckWorld world = new TckWorld(new ByoFixture())) {
      TckProcess process = world.process();
      process.ensure(Expect.nodes(world, 5));
      world.time().advance(Duration.ofMinutes(1));
      assertThat(process.phase()).isEqualTo(NodePhase.BLOCKED);
      ByoFixture.node(world, "own-5", Map.of("apps", "tck"), 1);
      world.until("the fifth completes the set", process::isReady);
    }
  }

  @Test
  void twoHalfSetsDoNotBlockEachOther() {
    try (TckWorld world = new TckWorld(new ByoFixture())) {
      TckProcess before = world.process();
      before.ensure(Expect.nodes(world, 2));
      world.until("two nodes are taken", before::isReady);
      TckProcess beside = world.process();
      beside.ensure(other(world, 2));
      world.until("and two more", beside::isReady);
      before.crash();
      beside.crash();

      // Three each cannot be had by both. Their owner's host asks for leave to take nodes only
      // while
      // some can be had, so giving back needs no leave.
      TckProcess first = world.process();
      TckProcess second = world.process();
      first.ensure(unasked(Expect.nodes(world, 3)));
      second.ensure(unasked(other(world, 3)));
      world.time().advance(Duration.ofMinutes(3));
      assertThat(world.heldBy(OWNER)).as("half a set is given back").isEmpty();
      assertThat(second.phase())
          .as("which makes the other one's whole possible, so that its host asks for leave")
          .isEqualTo(NodePhase.PENDING);

      second.ensure(other(world, 3));
      world.until("the other is whole", second::isReady);
      first.ensure(Expect.nodes(world, 3));
      world.time().advance(Duration.ofMinutes(5));
      assertThat(first.phase()).isEqualTo(NodePhase.BLOCKED);
      assertThat(world.heldBy(OWNER)).as("all or none").isEmpty();
    }
  }

  private static NodeSetSpec unasked(NodeSetSpec spec) {
    return NodeSetSpec.builder().from(spec).purchaseAllowed(false).build();
  }

  @Test
  void aMixedFleetIsRefused() {
    try (TckWorld world = new TckWorld(new ByoFixture())) {
      ByoFixture.node(world, "own-8-gpus", Map.of("apps", "tck"), 8);
      TckProcess process = world.process();
      process.ensure(Expect.nodes(world, 2));
      world.time().advance(Duration.ofMinutes(1));
      assertThat(process.status().failure().map(ProvisionFailure::code)).hasValue("MixedNodes");
      assertThat(world.heldBy(OWNER)).isEmpty();
    }
  }
}
