package sh.kaito.core.plan;

import java.math.BigDecimal;
import java.time.LocalDate;
import org.immutables.value.Value;

/** What one machine costs for an hour, and how good that figure is. Immutable. */
@Value.Immutable
@PlanStyle
public interface HourlyPrice {
  /** Amount for one machine and one hour, in {@link #currency()}. */
  BigDecimal amount();

  /** ISO 4217 code, such as {@code USD}. */
  String currency();

  /** Region that the price holds for, in the spelling of the cloud, such as {@code westeurope}. */
  String region();

  /** The day on which the price was read; prices change. */
  LocalDate asOf();

  /** A price is no negative number, and its currency three capitals. */
  @Value.Check
  default void check() {
    if (amount().signum() < 0) {
      throw new IllegalArgumentException("amount is " + amount() + ", and must be at least 0");
    }
    if (!currency().matches("[A-Z]{3}")) {
      throw new IllegalArgumentException(
          "currency is \"" + currency() + "\", and must be an ISO 4217 code such as USD");
    }
    if (region().isBlank()) {
      throw new IllegalArgumentException("region must not be blank");
    }
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link HourlyPrice}. Not thread-safe. */
  final class Builder extends ImmutableHourlyPrice.Builder {
    Builder() {}
  }
}
