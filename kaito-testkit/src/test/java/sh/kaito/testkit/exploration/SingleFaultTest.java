package sh.kaito.testkit.exploration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sh.kaito.testkit.exploration.Exploration.Baseline;
import sh.kaito.testkit.exploration.Exploration.Case;

/**
 * Whatever goes wrong once, wherever: the Workspace comes to its end, exactly the nodes asked for
 * are bought, none is left, and then there is silence.
 *
 * <p>A build runs a sample, seeded so that it is the same each time; {@code -Dkaito.faults=all}
 * runs every case, {@code -Dkaito.scenario=adopt} those of one scenario, {@code
 * -Dkaito.fault=create/crash-after/7} one.
 */
class SingleFaultTest {
  /** Cases of a scenario in a sample; the first of all troubles are always among them. */
  private static final int SAMPLE = Integer.getInteger("kaito.faults.sample", 14);

  private static final long SEED = 20261122;

  /** Found something once; in every build, beside the sample. */
  private static final List<String> ALWAYS =
      List.of(
          "delete/conflict/25",
          "cancel/conflict/21",
          "retrain/drop-event/36",
          "adopt-late/crash-before/43",
          "adopt-late/crash-after/42");

  private final Exploration exploration = new Exploration(World.Make.REAL);

  @Test
  void noSingleFaultCostsANodeOrLeavesOne() {
    List<String> failures = new ArrayList<>();
    StringBuilder table = new StringBuilder();
    for (Scenario scenario : Scenario.values()) {
      if (!isWanted(scenario)) {
        continue;
      }
      Baseline baseline = exploration.baseline(scenario);
      List<Case> cases = cases(scenario, baseline);
      int before = failures.size();
      for (Case one : cases) {
        Optional<String> failure = exploration.run(one, baseline);
        failure.ifPresent(failures::add);
        failure.ifPresent(text -> System.out.println("FAIL " + text));
      }
      table.append(
          String.format(
              "%-12s %5d runs %3d failed%n",
              scenario.label(), cases.size(), failures.size() - before));
    }
    System.out.print(table);
    assertThat(failures).as("runs that went wrong%n%s", table).isEmpty();
  }

  private static boolean isWanted(Scenario scenario) {
    String single = System.getProperty("kaito.fault", "");
    String one = System.getProperty("kaito.scenario", scenario.label());
    return single.isEmpty()
        ? one.equals(scenario.label())
        : Case.parse(single).scenario() == scenario;
  }

  private static List<Case> cases(Scenario scenario, Baseline baseline) {
    String single = System.getProperty("kaito.fault", "");
    if (!single.isEmpty()) {
      return List.of(Case.parse(single));
    }
    List<Case> all = new ArrayList<>();
    for (Trouble trouble : Trouble.values()) {
      for (int number = 1; number <= baseline.places(trouble); number++) {
        all.add(new Case(scenario, trouble, number));
      }
    }
    if (System.getProperty("kaito.faults", "").equals("all")) {
      return all;
    }
    Collections.shuffle(all, new Random(SEED));
    List<Case> sample = new ArrayList<>(all.subList(0, Math.min(SAMPLE, all.size())));
    ALWAYS.stream()
        .map(Case::parse)
        .filter(one -> one.scenario() == scenario && !sample.contains(one))
        .forEach(sample::add);
    return sample;
  }
}
