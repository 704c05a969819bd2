package sh.kaito.core.plan;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Knows what instance types cost. Asked while a plan is made, so it answers from memory and never
 * waits for a network; a source that reads a price list from the cloud reads it beforehand.
 * Implementations are safe for any thread.
 *
 * <pre>{@code
 * Planner planner = Planner.builder().prices(PriceSource.of(Map.of("Standard_NC24ads_A100_v4", price))).build();
 * }</pre>
 */
@FunctionalInterface
public interface PriceSource {
  /**
   * The price of one machine of that type for an hour; empty where it is not known.
   *
   * @param instanceType name in the spelling of the cloud
   */
  Optional<HourlyPrice> price(String instanceType);

  /** Prices by instance type; names are compared without regard to case. */
  static PriceSource of(Map<String, HourlyPrice> prices) {
    Map<String, HourlyPrice> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(prices);
    return instanceType -> Optional.ofNullable(copy.get(instanceType.toLowerCase(Locale.ROOT)));
  }
}
