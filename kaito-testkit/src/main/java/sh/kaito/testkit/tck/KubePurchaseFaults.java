package sh.kaito.testkit.tck;

import java.util.ArrayList;
import java.util.List;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.Faults;
import sh.kaito.testkit.RequestFaults;
import sh.kaito.testkit.RequestMatch;

/**
 * The faults of {@link TckCloud#spoil} where a purchase is a request to the API server. Not
 * thread-safe.
 */
public final class KubePurchaseFaults {
  /** No rule of the kit needs more purchases than this. */
  private static final int MANY = 50;

  private final Faults faults;
  private final RequestMatch purchase;
  private final List<Fault> set = new ArrayList<>();

  /**
   * Faults of the requests that buy.
   *
   * @param purchase such as {@code create nodeclaims.karpenter.sh}
   */
  public KubePurchaseFaults(Faults faults, RequestMatch purchase) {
    this.faults = faults;
    this.purchase = purchase;
  }

  /** Begins a fault; every one can be played. */
  public boolean spoil(PurchaseFault fault) {
    RequestFaults requests = faults.requests(purchase);
    switch (fault) {
      case THROTTLED -> set.add(requests.every().throttle(PurchaseFault.RETRY_AFTER));
      case SECOND_REFUSED -> {
        for (int n = 2; n <= MANY; n++) {
          set.add(requests.nth(n).answer(403, "Forbidden", "the second purchase is refused"));
        }
      }
      case LOST -> set.add(requests.nth(1).resetBefore());
      case ANSWER_LOST -> set.add(requests.nth(1).resetAfter());
      case LATE_EFFECT -> set.add(requests.nth(1).applyLate(PurchaseFault.LATE));
      case SLOW_ANSWER -> set.add(requests.nth(1).delayAnswer(PurchaseFault.LATE));
    }
    return true;
  }

  /** Ends what was begun; what is late already stays late. */
  public void heal() {
    set.forEach(Fault::remove);
    set.clear();
  }
}
