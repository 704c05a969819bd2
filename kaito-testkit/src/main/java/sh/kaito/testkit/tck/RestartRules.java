package sh.kaito.testkit.tck;

import static sh.kaito.testkit.tck.Expect.FIRST;
import static sh.kaito.testkit.tck.Expect.OWNER;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestFaults;
import sh.kaito.testkit.RequestMatch;

/** Processes that die, processes that overlap, and nodes that are lost. */
final class RestartRules {
  /** More requests than this no purchase of two nodes needs. */
  private static final int REQUESTS = 20;

  private RestartRules() {}

  static Map<String, TckRule.Body> all() {
    Map<String, TckRule.Body> rules = new TreeMap<>();
    rules.put(
        "a crash before any request takes effect buys nothing twice",
        world -> crashes(world, true));
    rules.put(
        "a crash after any request took effect buys nothing twice", world -> crashes(world, false));
    rules.put("a restart every twenty seconds buys nothing twice", RestartRules::restarts);
    rules.put("two processes at once buy one node for each slot", RestartRules::two);
    rules.put("a restart over ready nodes asks for nothing", RestartRules::settled);
    rules.put("what vanished is reported lost and not bought again", RestartRules::vanished);
    rules.put("a slot known to have existed is not bought again", RestartRules::known);
    rules.put("a slot known to have existed that exists is found", RestartRules::knownAndThere);
    return rules;
  }

  /** A life for each request that the purchase of two nodes takes. */
  private static boolean crashes(TckWorld world, boolean beforeEffect) {
    for (int nth = 1; nth <= REQUESTS; nth++) {
      try (TckWorld another = new TckWorld(world.fixture())) {
        if (!crash(another, nth, beforeEffect)) {
          return nth > 1;
        }
      }
    }
    throw new AssertionError("two nodes took more than " + REQUESTS + " requests");
  }

  /** The n-th request that is not part of filling the caches kills its process. */
  private static boolean crash(TckWorld world, int nth, boolean beforeEffect) {
    TckProcess process = world.process();
    RequestFaults requests =
        world
            .cluster()
            .server()
            .faults()
            .requests(
                RequestMatch.builder()
                    .addVerbs("create", "update", "patch", "delete", "get", "list")
                    .userAgent(process.agent())
                    .build())
            .nth(nth)
            .then(process::crash);
    Fault fault = beforeEffect ? requests.resetBefore() : requests.resetAfter();
    process.ensure(Expect.nodes(world, 2));
    world.time().advance(Duration.ofMinutes(3));
    boolean struck = fault.struck() > 0;
    fault.remove();
    process.crash();
    TckProcess next = world.process();
    next.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready after the crash", next::isReady);
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 2, "after a crash at request " + nth);
    Expect.boughtEver(world, 2, "after a crash at request " + nth);
    return struck;
  }

  private static boolean restarts(TckWorld world) {
    NodeSetSpec spec = Expect.nodes(world, 2);
    boolean ready = false;
    for (int i = 0; i < 40 && !ready; i++) {
      TckProcess process = world.process();
      process.ensure(spec);
      world.time().advance(Duration.ofSeconds(20));
      world.checkNothingIsDouble(OWNER);
      ready = process.isReady();
      process.crash();
    }
    Expect.that(ready, "both nodes are ready within 40 lives of 20 seconds", "not ready");
    Expect.held(world, 2, "restarts");
    Expect.boughtEver(world, 2, "restarts");
    return true;
  }

  private static boolean two(TckWorld world) {
    TckProcess one = world.process();
    TckProcess two = world.process();
    one.ensure(Expect.nodes(world, 2));
    two.ensure(Expect.nodes(world, 2));
    world.until("both processes see both nodes ready", () -> one.isReady() && two.isReady());
    Expect.held(world, 2, "two processes at once");
    Expect.boughtEver(world, 2, "two processes at once");
    Expect.that(
        one.status().nodeNames().equals(two.status().nodeNames()),
        "both see the same nodes",
        one.status().nodeNames() + " and " + two.status().nodeNames());
    return true;
  }

  private static boolean settled(TckWorld world) {
    TckProcess before = world.process();
    before.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready", before::isReady);
    before.crash();
    TckProcess after = world.process();
    int started = after.transport().requests();
    after.ensure(Expect.nodes(world, 2));
    world.time().advance(Duration.ofMinutes(1));
    Expect.that(after.isReady(), "a new process finds what the old one bought", after.status());
    Expect.that(
        after.transport().requests() == started,
        "a settled set costs no request besides lists and watches",
        after.transport().requests() - started);
    return true;
  }

  private static boolean vanished(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.slot(world, 1));
    world.until("the node is ready", process::isReady);
    world.cloud().vanish(world.heldBy(OWNER).get(0).name());
    world.until("the slot is reported lost", () -> isLost(process));
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 0, "only a higher epoch may replace a lost node");
    Expect.that(isLost(process), "it stays lost", process.status());
    process.ensure(Expect.slot(world, 2));
    world.until("the replacement is ready", process::isReady);
    Expect.held(world, 1, "one replacement");
    return true;
  }

  private static boolean isLost(TckProcess process) {
    return process.slot(FIRST).filter(SlotStatus::isLost).isPresent();
  }

  private static NodeSetSpec known(TckWorld world, int epoch) {
    return NodeSetSpec.builder().from(Expect.slot(world, epoch)).knownSlots(List.of(FIRST)).build();
  }

  private static boolean known(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(known(world, 1));
    world.until("the slot is reported lost", () -> isLost(process));
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 0, "the owner's state says that it was bought before");
    Expect.boughtEver(world, 0, "the owner's state says that it was bought before");
    return true;
  }

  private static boolean knownAndThere(TckWorld world) {
    TckProcess before = world.process();
    before.ensure(Expect.slot(world, 1));
    world.until("the node is ready", before::isReady);
    before.crash();
    TckProcess after = world.process();
    after.ensure(known(world, 1));
    Optional<SlotStatus> slot = after.slot(FIRST);
    Expect.that(
        slot.filter(one -> !one.isLost()).isPresent(), "what exists is not lost", after.status());
    world.until("it is ready", after::isReady);
    Expect.boughtEver(world, 1, "it was there already");
    return true;
  }
}
