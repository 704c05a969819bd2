package sh.kaito.testkit.exploration;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.NodeBill;

/**
 * Runs a scenario with one trouble at one place, and judges: it must come to its end, have bought
 * exactly what was asked, leave nothing, and then be quiet.
 */
final class Exploration {
  /** After its end a run may still tidy up for so long: late effects, sweeps, back-offs. */
  private static final Duration TIDY = Duration.ofMinutes(20);

  /** In this time afterwards nothing may be written. */
  private static final Duration QUIET = Duration.ofHours(1);

  /**
   * A node may be paid for so much longer than without trouble: a restart, a back-off, the two
   * minutes in which a late purchase may still arrive.
   */
  private static final Duration ALLOWANCE = Duration.ofMinutes(4);

  /** What an event that is lost until the next relist costs besides. */
  private static final Duration RELIST = Duration.ofMinutes(8);

  /** After so long a controller that died is back, and a late request has arrived. */
  private static final Duration LAG = Duration.ofMinutes(2);

  private final World.Make make;

  Exploration(World.Make make) {
    this.make = make;
  }

  /**
   * A place where something can go wrong.
   *
   * @param number from 1
   */
  record Case(Scenario scenario, Trouble trouble, int number) {
    /** {@code create/crash-after/7}. */
    @Override
    public String toString() {
      return scenario.label() + "/" + trouble.label() + "/" + number;
    }

    static Case parse(String text) {
      String[] parts = text.split("/", -1);
      for (Scenario scenario : Scenario.values()) {
        for (Trouble trouble : Trouble.values()) {
          if (parts.length == 3
              && scenario.label().equals(parts[0])
              && trouble.label().equals(parts[1])) {
            return new Case(scenario, trouble, Integer.parseInt(parts[2]));
          }
        }
      }
      throw new IllegalArgumentException(
          "found \""
              + text
              + "\", allowed is scenario/trouble/number such as "
              + "create/crash-after/7");
    }
  }

  /**
   * What a run without trouble shows.
   *
   * @param requests number of requests of the controllers
   * @param events number of watch events that they get
   * @param lists number of lists that they ask for
   * @param writes number of requests that are no reads
   * @param paid node time, where the Workspace is deleted at the end
   */
  record Baseline(int requests, int events, int lists, int writes, Duration paid) {
    int places(Trouble trouble) {
      return trouble.isOfRequests() ? requests : trouble == Trouble.STALE_LIST ? lists : events;
    }
  }

  Baseline baseline(Scenario scenario) {
    try (World world = new World(1, make, (number, request) -> Leash.Accident.NONE, LAG)) {
      Fault events = Trouble.DROP_EVENT.observe(world.cluster.server().faults());
      Fault lists = Trouble.STALE_LIST.observe(world.cluster.server().faults());
      scenario.play(world);
      world.until("the end is reached", () -> scenario.isReached(world));
      return new Baseline(
          world.count.requests().size(),
          events.matched(),
          lists.matched(),
          world.count.writes(),
          world.bill().nodeTime());
    }
  }

  /** Runs one case; empty when all is well, else what is wrong, in one line that replays it. */
  Optional<String> run(Case one, Baseline baseline) {
    try (World world =
        new World(
            1,
            make,
            (number, request) -> one.trouble().at(number, one.number()),
            one.trouble().isOfRequests() ? LAG : RELIST)) {
      one.trouble().arm(world.cluster.server().faults(), one.number());
      try {
        one.scenario().play(world);
        world.until("the end is reached", () -> one.scenario().isReached(world));
        world.time.advance(TIDY);
        int writes = world.count.writes();
        world.time.advance(QUIET);
        return judge(one, baseline, world, world.count.writes() - writes);
      } catch (AssertionError | RuntimeException e) {
        return Optional.of(failure(one, String.valueOf(e.getMessage()), world));
      }
    }
  }

  private static Optional<String> judge(Case one, Baseline baseline, World world, int writes) {
    NodeBill bill = world.bill();
    String wrong = "";
    Duration more = one.trouble().isOfRequests() ? ALLOWANCE : ALLOWANCE.plus(RELIST);
    Duration allowed = baseline.paid().plus(more.multipliedBy(one.scenario().nodes()));
    if (!one.scenario().isBillRight(bill.bought())) {
      wrong = "bought " + bill.bought() + " nodes instead of " + one.scenario().nodes();
    } else if (!one.scenario().isReached(world)) {
      wrong = "the end was reached and lost again";
    } else if (!one.scenario().isUntouched(world)) {
      wrong = "the workload was rendered again although nobody changed anything";
    } else if (world.count.writes() > baseline.writes() + one.scenario().moreWrites()) {
      wrong = world.count.writes() + " writes; without trouble it is " + baseline.writes();
    } else if (writes > 0) {
      wrong = "still writing: " + writes + " requests in an hour in which nothing happened";
    } else if (!one.scenario().stays() && bill.nodeTime().compareTo(allowed) > 0) {
      wrong =
          "paid for "
              + bill.nodeTime().toMinutes()
              + " minutes of nodes, without trouble it is "
              + baseline.paid().toMinutes();
    }
    wrong = world.count.uncovered().orElse(wrong);
    return wrong.isEmpty() ? Optional.empty() : Optional.of(failure(one, wrong, world));
  }

  private static String failure(Case one, String what, World world) {
    List<String> requests = world.count.requests();
    int at = one.number() - 1;
    String where =
        one.trouble().isOfRequests() && at < requests.size() ? " (" + requests.get(at) + ")" : "";
    return one
        + where
        + ": "
        + what
        + "; replay it with -Dtest=SingleFaultTest -Dkaito.fault="
        + one;
  }
}
