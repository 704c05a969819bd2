package sh.kaito.testkit.tck;

import static sh.kaito.testkit.tck.Expect.FIRST;
import static sh.kaito.testkit.tck.Expect.OTHER;
import static sh.kaito.testkit.tck.Expect.OWNER;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.PurchaseInventory;
import sh.kaito.api.provision.SlotStatus;

/** What is bought, and what is not. */
final class PurchaseRules {
  private PurchaseRules() {}

  static Map<String, TckRule.Body> all() {
    Map<String, TckRule.Body> rules = new TreeMap<>();
    rules.put("each slot gets one node, and the set is READY with their names", PurchaseRules::one);
    rules.put("ensure may be repeated any number of times", PurchaseRules::idempotent);
    rules.put("nothing is bought without permission", PurchaseRules::permission);
    rules.put("names depend on owner, slot and epoch alone", PurchaseRules::names);
    rules.put("pods that obey the constraints run on the set's nodes alone", PurchaseRules::fit);
    rules.put("an inventory lists what exists, whoever bought it", PurchaseRules::inventory);
    rules.put("a slot that is not wanted any more is let go", PurchaseRules::fewer);
    rules.put("a higher epoch replaces the lower one", PurchaseRules::replace);
    rules.put("observe asks nobody", PurchaseRules::observe);
    return rules;
  }

  private static boolean one(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready", process::isReady);
    NodeSetStatus status = process.status();
    Expect.held(world, 2, "one purchase for each slot");
    Expect.boughtEver(world, 2, "one purchase for each slot");
    Expect.that(status.ready() == 2, "READY means that every slot is", status);
    Expect.that(new TreeSet<>(status.nodeNames()).size() == 2, "two nodes have two names", status);
    Expect.that(status.failure().isEmpty(), "READY has no failure", status);
    return true;
  }

  private static boolean idempotent(TckWorld world) {
    TckProcess process = world.process();
    NodeSetSpec spec = Expect.nodes(world, 2);
    process.ensure(spec);
    for (int i = 0; i < 60; i++) {
      process.provisioner().ensure(spec);
      process.provisioner().ensure(spec);
      world.time().advance(Duration.ofSeconds(10));
      world.checkNothingIsDouble(OWNER);
    }
    Expect.held(world, 2, "120 calls of ensure");
    Expect.boughtEver(world, 2, "120 calls of ensure");
    return true;
  }

  private static boolean permission(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(
        NodeSetSpec.builder().from(Expect.nodes(world, 1)).purchaseAllowed(false).build());
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 0, "purchaseAllowed was false");
    Expect.boughtEver(world, 0, "purchaseAllowed was false");
    Expect.that(
        process.slot(FIRST).map(SlotStatus::phase).filter(NodePhase.PENDING::equals).isPresent(),
        "a slot that may be bought and was not is PENDING",
        process.status());
    return true;
  }

  private static boolean names(TckWorld world) {
    NodeSetSpec asked =
        NodeSetSpec.builder().from(Expect.nodes(world, 2)).purchaseAllowed(false).build();
    NodeSetSpec later =
        NodeSetSpec.builder().from(Expect.slot(world, 2)).purchaseAllowed(false).build();
    TckProcess one = world.process();
    one.ensure(asked);
    List<String> first = one.slots().stream().map(SlotStatus::requestName).toList();
    one.ensure(later);
    String replaced = one.slots().get(0).requestName();
    TckProcess two = world.process();
    two.ensure(asked);
    List<String> second = two.slots().stream().map(SlotStatus::requestName).toList();
    two.ensure(later);
    if (first.stream().allMatch(String::isEmpty)) {
      // Nodes that are taken and not bought have a name of their own.
      return false;
    }
    Expect.that(first.equals(second), "two processes name the same", first + " and " + second);
    Expect.that(
        replaced.equals(two.slots().get(0).requestName()), "two processes name the same", replaced);
    Expect.that(
        new TreeSet<>(first).size() == 2 && !first.contains(replaced),
        "each slot and each epoch has another name",
        first + ", " + replaced);
    return true;
  }

  private static boolean fit(TckWorld world) {
    TckProcess process = world.process();
    NodeSetSpec mine = Expect.nodes(world, 1);
    NodeSetSpec theirs = world.fixture().spec(OTHER, Expect.slots(1)).build();
    process.ensure(mine);
    TckProcess other = world.process();
    other.ensure(theirs);
    world.until("both sets are ready", () -> process.isReady() && other.isReady());
    String node = process.status().nodeNames().get(0);
    Map<String, String> labels =
        process.nodes().byName(node).orElseThrow(() -> new AssertionError(node)).labels();
    Map<String, String> own = process.provisioner().constraints(mine).labels();
    Map<String, String> foreign = process.provisioner().constraints(theirs).labels();
    Expect.that(
        labels.entrySet().containsAll(own.entrySet()),
        "node " + node + " carries the labels of its set's constraints " + own,
        labels);
    Expect.that(
        !labels.entrySet().containsAll(foreign.entrySet()),
        "node " + node + " does not fit the constraints of another set " + foreign,
        labels);
    Expect.that(!other.status().nodeNames().contains(node), "one node counts for one set", node);
    return true;
  }

  private static boolean inventory(TckWorld world) {
    TckProcess before = world.process();
    before.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready", before::isReady);
    before.crash();
    TckProcess after = world.process();
    if (!(after.provisioner() instanceof PurchaseInventory inventory)) {
      return false;
    }
    List<String> listed =
        inventory.inventory().stream()
            .filter(purchase -> purchase.key().equals(OWNER))
            .map(PurchaseInventory.Purchase::name)
            .sorted()
            .toList();
    List<String> held = world.heldBy(OWNER).stream().map(TckCloud.Held::name).sorted().toList();
    Expect.that(listed.equals(held), "the inventory of a new process lists " + held, listed);
    return true;
  }

  private static boolean fewer(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.nodes(world, 2));
    world.until("both nodes are ready", process::isReady);
    process.ensure(Expect.nodes(world, 1));
    world.untilHeld("one purchase is left", () -> world.heldBy(OWNER).size() == 1);
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 1, "one slot is wanted");
    Expect.that(
        world.heldBy(OWNER).get(0).slot().equals(FIRST), "slot 0 stays", world.heldBy(OWNER));
    Expect.that(process.isReady(), "the slot that is wanted stays READY", process.status());
    return true;
  }

  private static boolean replace(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.slot(world, 1));
    world.until("the node is ready", process::isReady);
    process.ensure(Expect.slot(world, 2));
    world.untilHeld(
        "epoch 2 alone is left",
        () ->
            world.heldBy(OWNER).stream()
                .map(TckCloud.Held::slot)
                .toList()
                .equals(List.of(new NodeSlot(0, 2))));
    world.until("epoch 2 is ready", process::isReady);
    return true;
  }

  private static boolean observe(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(Expect.nodes(world, 1));
    world.until("the node is ready", process::isReady);
    process.rest();
    world.time().advance(Duration.ofMinutes(1));
    int before = process.transport().requests();
    NodeSetStatus status = process.provisioner().observe(OWNER);
    process.provisioner().observe(OTHER);
    world.time().runUntilIdle();
    Expect.that(status.phase() == NodePhase.READY, "observe knows what ensure knew", status);
    Expect.that(
        process.transport().requests() == before,
        "observe sends no request",
        process.transport().requests() - before);
    return true;
  }
}
