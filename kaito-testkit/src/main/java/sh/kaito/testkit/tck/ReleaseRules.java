package sh.kaito.testkit.tck;

import static sh.kaito.testkit.tck.Expect.OTHER;
import static sh.kaito.testkit.tck.Expect.OWNER;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;

/** What GONE means, and what must be so before it is said. */
final class ReleaseRules {
  private ReleaseRules() {}

  static Map<String, TckRule.Body> all() {
    Map<String, TckRule.Body> rules = new TreeMap<>();
    rules.put("release ends in GONE, and nothing is left", ReleaseRules::gone);
    rules.put("release of what never was ends in GONE", ReleaseRules::nothing);
    rules.put("release leaves other owners alone", ReleaseRules::others);
    rules.put("GONE is proved by a live look, not by a cache", ReleaseRules::live);
    rules.put("GONE covers every epoch", ReleaseRules::epochs);
    rules.put("GONE waits for Nodes that are left", ReleaseRules::leftNode);
    rules.put("GONE is not said before the look that counts", ReleaseRules::countsFrom);
    rules.put("a purchase of a dead process that arrives late is let go", ReleaseRules::late);
    rules.put("release while a purchase is under way leaves nothing", ReleaseRules::cancel);
    rules.put("release while machines are being made leaves nothing", ReleaseRules::making);
    rules.put("ensure after release buys nothing", ReleaseRules::afterwards);
    rules.put("release survives a restart", ReleaseRules::restart);
    return rules;
  }

  /** Passes time until GONE is said, then demands that it is true at that very moment. */
  private static void untilGone(TckWorld world, TckProcess process) {
    world.until("the release ends in GONE", process::isGone);
    Expect.held(world, 0, "GONE was said at " + world.time().now());
  }

  private static boolean gone(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready", process::isReady);
    process.release(OWNER, world.time().now());
    Expect.that(!process.isGone(), "GONE takes a look at least", process.status());
    untilGone(world, process);
    NodeSetStatus status = process.status();
    Expect.that(status.failure().isEmpty(), "GONE has no failure", status);
    Expect.that(status.ready() == 0, "GONE has no ready node", status);
    Expect.boughtEver(world, 2, "release buys nothing");
    return true;
  }

  private static boolean nothing(TckWorld world) {
    TckProcess process = world.process();
    process.release(OWNER, world.time().now());
    untilGone(world, process);
    return true;
  }

  private static boolean others(TckWorld world) {
    TckProcess mine = world.process();
    TckProcess theirs = world.process();
    mine.ensure(Expect.nodes(world, 1));
    theirs.ensure(world.fixture().spec(OTHER, Expect.slots(1)).build());
    world.until("both sets are ready", () -> mine.isReady() && theirs.isReady());
    mine.release(OWNER, world.time().now());
    untilGone(world, mine);
    world.time().advance(Duration.ofMinutes(10));
    Expect.that(
        world.heldBy(OTHER).size() == 1 && theirs.isReady(),
        "the other owner keeps its node",
        world.cloud().held());
    return true;
  }

  private static boolean live(TckWorld world) {
    TckProcess blind = world.process();
    Fault frozen =
        world
            .cluster()
            .server()
            .faults()
            .events(RequestMatch.builder().addVerbs("watch").userAgent(blind.agent()).build())
            .every()
            .delay(Duration.ofHours(2));
    TckProcess buyer = world.process();
    buyer.ensure(Expect.nodes(world, 1));
    world.untilHeld("something is bought", () -> !world.heldBy(OWNER).isEmpty());
    buyer.crash();
    blind.release(OWNER, world.time().now());
    untilGone(world, blind);
    frozen.remove();
    return true;
  }

  private static boolean epochs(TckWorld world) {
    TckProcess one = world.process();
    one.ensure(Expect.slot(world, 1));
    world.untilHeld("epoch 1 is bought", () -> !world.heldBy(OWNER).isEmpty());
    one.crash();
    TckProcess two = world.process();
    two.ensure(Expect.slot(world, 3));
    world.time().runUntilIdle();
    two.crash();
    TckProcess three = world.process();
    three.release(OWNER, world.time().now());
    untilGone(world, three);
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 0, "no epoch is left");
    return true;
  }

  private static boolean leftNode(TckWorld world) {
    String node = world.cloud().leaveNode(OWNER.ownerUid());
    if (node.isEmpty()) {
      return false;
    }
    TckProcess process = world.process();
    process.release(OWNER, world.time().now());
    world.time().advance(Duration.ofMinutes(10));
    Expect.that(!process.isGone(), "Node " + node + " is still there", process.status());
    Expect.that(
        process.status().failure().filter(why -> why.message().contains(node)).isPresent(),
        "what it waits for is said by name",
        process.status());
    world.send(KubeRequest.delete("/api/v1/nodes/" + node).build());
    untilGone(world, process);
    return true;
  }

  private static boolean countsFrom(TckWorld world) {
    TckProcess process = world.process();
    Instant from = world.time().now().plus(Duration.ofMinutes(2));
    process.release(OWNER, from);
    untilGone(world, process);
    Expect.that(
        !world.time().now().isBefore(from), "nothing is proved before " + from, world.time().now());
    return true;
  }

  private static boolean late(TckWorld world) {
    TckProcess dead = world.process();
    if (!world.cloud().spoil(PurchaseFault.LATE_EFFECT)) {
      return false;
    }
    dead.ensure(Expect.nodes(world, 1));
    world.time().runUntilIdle();
    dead.crash();
    TckProcess next = world.process();
    next.release(OWNER, world.time().now().plus(Duration.ofMinutes(2)));
    untilGone(world, next);
    world.time().advance(Duration.ofHours(1));
    Expect.held(world, 0, "an hour after GONE");
    return true;
  }

  private static boolean cancel(TckWorld world) {
    TckProcess process = world.process();
    if (!world.cloud().spoil(PurchaseFault.SLOW_ANSWER)) {
      return false;
    }
    process.ensure(Expect.nodes(world, 2));
    world.time().runUntilIdle();
    process.release(OWNER, world.time().now());
    untilGone(world, process);
    world.time().advance(Duration.ofHours(1));
    Expect.held(world, 0, "an hour after GONE");
    return true;
  }

  private static boolean making(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.nodes(world, 2));
    world.time().advance(TckWorld.MACHINE_DELAY.dividedBy(2));
    process.release(OWNER, world.time().now());
    untilGone(world, process);
    world.time().advance(Duration.ofHours(1));
    Expect.held(world, 0, "an hour after GONE");
    return true;
  }

  private static boolean afterwards(TckWorld world) {
    TckProcess process = world.process();
    process.release(OWNER, world.time().now());
    untilGone(world, process);
    process.ensure(Expect.nodes(world, 1));
    world.time().advance(Duration.ofMinutes(10));
    Expect.held(world, 0, "the owner was released");
    Expect.boughtEver(world, 0, "the owner was released");
    return true;
  }

  private static boolean restart(TckWorld world) {
    TckProcess one = world.process();
    one.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready", one::isReady);
    one.release(OWNER, world.time().now());
    world.time().runUntilIdle();
    one.crash();
    TckProcess two = world.process();
    NodePhase before = two.provisioner().observe(OWNER).phase();
    Expect.that(before != NodePhase.GONE, "a new process has proved nothing yet", before);
    two.release(OWNER, world.time().now());
    untilGone(world, two);
    Expect.that(two.status().slots().isEmpty(), "nothing is left to show", List.of(two.status()));
    return true;
  }
}
