package sh.kaito.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the machines of {@link SimulatedNodes} cost so far, in machine time: virtual money.
 *
 * @param purchases every machine ever bought, in the order of purchase
 * @param nodeTime time of all machines together
 * @param running machines that are still paid for
 */
public record NodeBill(List<Purchase> purchases, Duration nodeTime, int running) {
  public NodeBill {
    purchases = List.copyOf(purchases);
  }

  /** How many machines were bought. */
  public int bought() {
    return purchases.size();
  }

  /**
   * One machine.
   *
   * @param claim name of the NodeClaim it was bought for
   * @param instanceType its size
   * @param from when it was bought
   * @param until when it was gone; empty while it runs
   */
  public record Purchase(
      String claim, String instanceType, Instant from, Optional<Instant> until) {}
}
