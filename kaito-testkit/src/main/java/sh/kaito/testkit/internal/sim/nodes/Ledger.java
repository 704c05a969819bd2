package sh.kaito.testkit.internal.sim.nodes;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.testkit.NodeBill;

/**
 * Which machine was paid for from when to when. Thread-safe: tests read while the simulator runs.
 */
final class Ledger {
  private final Map<String, NodeBill.Purchase> byUid = new LinkedHashMap<>();

  synchronized void bought(String claimUid, String claim, String instanceType, Instant from) {
    byUid.putIfAbsent(claimUid, new NodeBill.Purchase(claim, instanceType, from, Optional.empty()));
  }

  synchronized boolean isRunning(String claimUid) {
    NodeBill.Purchase purchase = byUid.get(claimUid);
    return purchase != null && purchase.until().isEmpty();
  }

  synchronized void gone(String claimUid, Instant until) {
    byUid.computeIfPresent(
        claimUid,
        (uid, purchase) ->
            purchase.until().isPresent()
                ? purchase
                : new NodeBill.Purchase(
                    purchase.claim(),
                    purchase.instanceType(),
                    purchase.from(),
                    Optional.of(until)));
  }

  synchronized NodeBill bill(Instant now) {
    List<NodeBill.Purchase> purchases = new ArrayList<>(byUid.values());
    Duration time = Duration.ZERO;
    int running = 0;
    for (NodeBill.Purchase purchase : purchases) {
      time = time.plus(Duration.between(purchase.from(), purchase.until().orElse(now)));
      running += purchase.until().isEmpty() ? 1 : 0;
    }
    return new NodeBill(purchases, time, running);
  }
}
