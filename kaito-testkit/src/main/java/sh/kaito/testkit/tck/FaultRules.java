package sh.kaito.testkit.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static sh.kaito.testkit.tck.Expect.FIRST;
import static sh.kaito.testkit.tck.Expect.OWNER;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;

/** Purchases that are refused, lost or late, and servers that do not answer as they should. */
final class FaultRules {
  /** Real time: long enough for any call that does not wait for an answer. */
  private static final long CALL_SECONDS = 10;

  private FaultRules() {}

  static Map<String, TckRule.Body> all() {
    Map<String, TckRule.Body> rules = new TreeMap<>();
    rules.put("Retry-After is obeyed, and the throttling is said", FaultRules::throttled);
    rules.put("what was bought stays when the rest is refused", FaultRules::partial);
    rules.put(
        "a purchase that got lost is repeated once",
        world -> unanswered(world, PurchaseFault.LOST));
    rules.put(
        "a purchase whose answer got lost is not repeated",
        world -> unanswered(world, PurchaseFault.ANSWER_LOST));
    rules.put(
        "a purchase that takes effect late is not doubled",
        world -> unanswered(world, PurchaseFault.LATE_EFFECT));
    rules.put(
        "a purchase whose answer is slow is not doubled",
        world -> unanswered(world, PurchaseFault.SLOW_ANSWER));
    rules.put("something foreign under our name is left alone", FaultRules::foreign);
    rules.put("no method throws when the server fails", world -> nonsense(world, serverError()));
    rules.put("no method throws when the server talks nonsense", world -> nonsense(world, html()));
    rules.put("no method waits for an answer", FaultRules::silent);
    return rules;
  }

  private static boolean throttled(TckWorld world) {
    TckProcess process = world.process();
    if (!world.cloud().spoil(PurchaseFault.THROTTLED)) {
      return false;
    }
    process.ensure(Expect.nodes(world, 1));
    world.until("the failure is said", () -> process.status().failure().isPresent());
    ProvisionFailure failure = process.status().failure().orElseThrow();
    Expect.that(failure.kind() == ProvisionFailure.Kind.THROTTLED, "429 is THROTTLED", failure);
    world.cloud().heal();
    world.time().advance(PurchaseFault.RETRY_AFTER.minusSeconds(10));
    Expect.held(world, 0, "asked to wait for " + PurchaseFault.RETRY_AFTER);
    world.until("it is ready after the wait", process::isReady);
    Expect.boughtEver(world, 1, "after throttling");
    return true;
  }

  private static boolean partial(TckWorld world) {
    TckProcess process = world.process();
    if (!world.cloud().spoil(PurchaseFault.SECOND_REFUSED)) {
      return false;
    }
    process.ensure(Expect.nodes(world, 2));
    world.untilHeld(
        "one is bought and the refusal is said",
        () -> world.heldBy(OWNER).size() == 1 && process.status().failure().isPresent());
    world.time().advance(Duration.ofMinutes(15));
    Expect.held(world, 1, "the one that was bought stays");
    Expect.that(!process.isReady(), "half a set is not READY", process.status());
    world.cloud().heal();
    world.until("both are ready", process::isReady);
    Expect.boughtEver(world, 2, "after a partial success");
    return true;
  }

  private static boolean unanswered(TckWorld world, PurchaseFault fault) {
    TckProcess process = world.process();
    if (!world.cloud().spoil(fault)) {
      return false;
    }
    process.ensure(Expect.nodes(world, 1));
    world.until("the node is ready all the same", process::isReady);
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 1, "one purchase");
    Expect.boughtEver(world, 1, "one purchase");
    Expect.that(process.isReady(), "it stays READY", process.status());
    return true;
  }

  private static boolean foreign(TckWorld world) {
    TckProcess process = world.process();
    process.ensure(
        NodeSetSpec.builder().from(Expect.nodes(world, 1)).purchaseAllowed(false).build());
    String name = process.slot(FIRST).map(SlotStatus::requestName).orElse("");
    if (name.isEmpty() || !world.cloud().occupy(name)) {
      return false;
    }
    process.ensure(Expect.nodes(world, 1));
    world.until("the failure is said", () -> process.status().failure().isPresent());
    ProvisionFailure failure = process.status().failure().orElseThrow();
    Expect.that(
        failure.kind() == ProvisionFailure.Kind.FOREIGN_RESOURCE,
        "what is not ours is a FOREIGN_RESOURCE",
        failure);
    Expect.that(failure.message().contains(name), "the failure names it", failure.message());
    world.time().advance(Duration.ofMinutes(30));
    Expect.held(world, 0, "the name is taken");
    process.release(OWNER, world.time().now());
    world.until("the release ends", process::isGone);
    List<TckCloud.Held> left = world.cloud().held();
    Expect.that(
        left.stream().anyMatch(held -> held.name().equals(name)),
        name + " is not ours to remove",
        left);
    return true;
  }

  private static KubeResponse serverError() {
    return KubeResponse.of(
        500,
        Map.of("Content-Type", List.of("application/json")),
        "{\"kind\":\"Status\",\"code\":500,\"reason\":\"InternalError\",\"message\":\"etcd\"}"
            .getBytes(UTF_8));
  }

  private static KubeResponse html() {
    return KubeResponse.of(
        200, Map.of("Content-Type", List.of("text/html")), "<html>proxy</html>".getBytes(UTF_8));
  }

  private static boolean nonsense(TckWorld world, KubeResponse answer) {
    TckProcess process = world.process();
    Fault fault =
        world
            .cluster()
            .server()
            .faults()
            .requests(RequestMatch.builder().userAgent(process.agent()).build())
            .every()
            .answer(answer);
    process.ensure(Expect.nodes(world, 1));
    world.time().advance(Duration.ofMinutes(5));
    process.provisioner().observe(OWNER);
    Expect.that(!process.isReady(), "nothing was answered, so nothing is ready", process.status());
    Expect.that(!process.isGone(), "nothing was answered, so nothing is gone", process.status());
    fault.remove();
    world.until("it is ready once the server is well", process::isReady);
    Expect.held(world, 1, "one purchase");
    Expect.boughtEver(world, 1, "one purchase");
    return true;
  }

  private static boolean silent(TckWorld world) {
    TckProcess process = world.process();
    process.transport().fallSilent();
    NodeSetSpec spec = Expect.nodes(world, 1);
    promptly(process, "ensure", () -> process.provisioner().ensure(spec));
    promptly(process, "observe", () -> process.provisioner().observe(OWNER));
    promptly(process, "constraints", () -> process.provisioner().constraints(spec));
    promptly(process, "validate", () -> process.provisioner().validate(spec));
    promptly(process, "release", () -> process.provisioner().release(OWNER, world.time().now()));
    world.time().advance(Duration.ofMinutes(10));
    NodePhase phase = process.provisioner().observe(OWNER).phase();
    Expect.that(phase != NodePhase.GONE, "no answer proves nothing", phase);
    promptly(process, "close", () -> process.provisioner().close());
    return true;
  }

  /** Runs a call; where it waits for an answer, the wait is ended and told. */
  private static void promptly(TckProcess process, String method, Runnable call) {
    CountDownLatch returned = new CountDownLatch(1);
    AtomicBoolean waited = new AtomicBoolean();
    Thread watchdog =
        new Thread(
            () -> {
              try {
                waited.set(!returned.await(CALL_SECONDS, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              if (waited.get()) {
                process.transport().giveUp();
              }
            },
            "tck-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    try {
      call.run();
    } finally {
      returned.countDown();
    }
    Expect.that(!waited.get(), method + " returns at once", "it waited for the server's answer");
  }
}
