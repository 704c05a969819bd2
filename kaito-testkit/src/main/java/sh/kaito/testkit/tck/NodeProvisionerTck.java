package sh.kaito.testkit.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/**
 * The rules that every {@link sh.kaito.api.provision.NodeProvisioner} has to keep. Each is tried in
 * a cluster of its own on virtual time; together they take seconds.
 */
public final class NodeProvisionerTck {
  private NodeProvisionerTck() {}

  /** All rules, for any test framework. */
  public static List<TckRule> rules(ProvisionerFixture fixture) {
    List<TckRule> rules = new ArrayList<>();
    for (Map<String, TckRule.Body> group :
        List.of(PurchaseRules.all(), RestartRules.all(), FaultRules.all(), ReleaseRules.all())) {
      group.forEach((name, body) -> rules.add(new TckRule(name, fixture, body)));
    }
    return rules;
  }

  /** All rules as tests of JUnit Jupiter; a rule that does not apply is shown as skipped. */
  public static Stream<DynamicTest> tests(ProvisionerFixture fixture) {
    return rules(fixture).stream()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule.name(),
                    () ->
                        Assumptions.assumeTrue(
                            rule.check() == TckRule.Outcome.KEPT,
                            "the fixture's cloud has no such thing")));
  }
}
