package sh.kaito.testkit.assertj;

import java.time.Duration;
import org.assertj.core.api.AbstractAssert;
import sh.kaito.testkit.NodeBill;

/** Assertions about what was bought. Failures list every machine. */
public final class NodeBillAssert extends AbstractAssert<NodeBillAssert, NodeBill> {

  NodeBillAssert(NodeBill actual) {
    super(actual, NodeBillAssert.class);
  }

  /** So many machines were ever bought. */
  public NodeBillAssert hasBought(int machines) {
    isNotNull();
    if (actual.bought() != machines) {
      failWithMessage(
          "Expected %s machines to have been bought, but there were %s.%n%s",
          machines, actual.bought(), purchases());
    }
    return this;
  }

  /** So many machines are paid for now. */
  public NodeBillAssert hasRunning(int machines) {
    isNotNull();
    if (actual.running() != machines) {
      failWithMessage(
          "Expected %s machines to be paid for now, but there are %s.%n%s",
          machines, actual.running(), purchases());
    }
    return this;
  }

  /** Nothing is paid for any more. */
  public NodeBillAssert hasNothingRunning() {
    return hasRunning(0);
  }

  /** All machines together have run no longer than this. */
  public NodeBillAssert costsAtMost(Duration nodeTime) {
    isNotNull();
    if (actual.nodeTime().compareTo(nodeTime) > 0) {
      failWithMessage(
          "Expected at most %s of machine time, but it was %s.%n%s",
          nodeTime, actual.nodeTime(), purchases());
    }
    return this;
  }

  private String purchases() {
    if (actual.purchases().isEmpty()) {
      return "Nothing was bought.";
    }
    StringBuilder text = new StringBuilder("Bought:");
    for (NodeBill.Purchase purchase : actual.purchases()) {
      text.append(
          String.format(
              "%n  %-28s %-28s %s to %s",
              purchase.claim(),
              purchase.instanceType(),
              purchase.from(),
              purchase.until().map(Object::toString).orElse("now: still running")));
    }
    return text.toString();
  }
}
