package sh.kaito.testkit.internal.json;

import java.math.BigDecimal;

/** Floating point numbers in Go's notations. */
public final class GoNumbers {
  private GoNumbers() {}

  /** As Go's JSON encoder writes a float64: 5 for 5.0; an exponent below 1e-6 and from 1e21 on. */
  public static String json(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-6 || size >= 1e21)) {
      return exponent(value, 1);
    }
    return plain(value);
  }

  /** As Go's {@code %v} writes a float64: 5 for 5.0; an exponent below 1e-4 and from 1e6 on. */
  public static String general(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-4 || size >= 1e6)) {
      return exponent(value, 2);
    }
    return plain(value);
  }

  private static String plain(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    return new BigDecimal(shortest(value)).stripTrailingZeros().toPlainString();
  }

  private static String exponent(double value, int digits) {
    BigDecimal number = new BigDecimal(shortest(value)).stripTrailingZeros();
    String mantissa = number.unscaledValue().abs().toString();
    int exponent = mantissa.length() - 1 - number.scale();
    StringBuilder text = new StringBuilder();
    if (value < 0) {
      text.append('-');
    }
    text.append(mantissa.charAt(0));
    if (mantissa.length() > 1) {
      text.append('.').append(mantissa, 1, mantissa.length());
    }
    text.append('e').append(exponent < 0 ? '-' : '+');
    String size = Integer.toString(Math.abs(exponent));
    return text.append("0".repeat(Math.max(0, digits - size.length()))).append(size).toString();
  }

  /**
   * The shortest decimal that reads back as the same double. {@code Double.toString} of JDK 17 may
   * give a digit too many (JDK-4511638), so one digit less is tried.
   */
  private static String shortest(double value) {
    String text = Double.toString(value);
    BigDecimal exact = new BigDecimal(text);
    for (int precision = exact.precision() - 1; precision > 0; precision--) {
      BigDecimal shorter = exact.round(new java.math.MathContext(precision));
      if (shorter.doubleValue() != value) {
        break;
      }
      exact = shorter;
    }
    return exact.toString();
  }
}
