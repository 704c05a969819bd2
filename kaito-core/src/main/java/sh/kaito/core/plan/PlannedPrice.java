package sh.kaito.core.plan;

import java.math.BigDecimal;

/**
 * What the machines of a workspace cost, as long as they are there; disks, addresses and traffic
 * are not in it.
 *
 * @param machine price of one machine
 * @param machines how many are bought
 */
public record PlannedPrice(HourlyPrice machine, int machines) {
  /** Hours of a month as clouds count them: 365 days of 24 hours through 12. */
  private static final BigDecimal HOURS_PER_MONTH = BigDecimal.valueOf(730);

  /** All machines for an hour, in the currency of {@link #machine()}. */
  public BigDecimal perHour() {
    return machine.amount().multiply(BigDecimal.valueOf(machines));
  }

  /** All machines for a month of 730 hours, in the currency of {@link #machine()}. */
  public BigDecimal perMonth() {
    return perHour().multiply(HOURS_PER_MONTH);
  }
}
