package sh.kaito.testkit.internal.sim.scheduling;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Kubernetes quantities ({@code 1Gi}, {@code 500m}, {@code 2e3}) as thousandths. */
public final class Quantity {
  private static final Map<String, BigDecimal> SUFFIXES = new LinkedHashMap<>();

  static {
    String decimal = "kMGTPE";
    for (int i = 0; i < decimal.length(); i++) {
      String letter = decimal.substring(i, i + 1);
      SUFFIXES.put((letter.equals("k") ? "K" : letter) + "i", BigDecimal.valueOf(1024).pow(i + 1));
      SUFFIXES.put(letter, BigDecimal.TEN.pow(3 * (i + 1)));
    }
    SUFFIXES.put("m", new BigDecimal("0.001"));
    SUFFIXES.put("u", new BigDecimal("0.000001"));
    SUFFIXES.put("n", new BigDecimal("0.000000001"));
  }

  private Quantity() {}

  /**
   * Thousandths of the unit, rounded up; 0 of what is no quantity, which no API server lets
   * through.
   */
  public static long milli(String text) {
    String number = text.strip();
    BigDecimal factor = BigDecimal.ONE;
    for (Map.Entry<String, BigDecimal> suffix : SUFFIXES.entrySet()) {
      // 12E6 is an exponent, 12E a suffix: only the end of the text is a suffix.
      if (number.endsWith(suffix.getKey())) {
        number = number.substring(0, number.length() - suffix.getKey().length());
        factor = suffix.getValue();
        break;
      }
    }
    try {
      BigDecimal value =
          new BigDecimal(number)
              .multiply(factor)
              .multiply(BigDecimal.valueOf(1000))
              .setScale(0, RoundingMode.CEILING);
      return value.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
