package sh.kaito.testkit.internal.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;

/**
 * A Kubernetes resource quantity: parsing, and the form in which the server writes it back. Values
 * that are written canonically keep their text ({@code 1e3} stays), others change ({@code 1000m}
 * becomes {@code 1}, {@code 1024Mi} becomes {@code 1Gi}).
 *
 * @param value the amount
 * @param text the form in which the server writes it
 */
public record Quantity(BigDecimal value, String text) {
  private enum Format {
    DECIMAL_SI,
    BINARY_SI,
    EXPONENT
  }

  private static final Map<String, Integer> DECIMAL =
      Map.of("n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);
  private static final Map<String, Integer> BINARY =
      Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40, "Pi", 50, "Ei", 60);
  private static final BigDecimal MAX_BINARY = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final BigInteger KIBI = BigInteger.valueOf(1024);

  /**
   * Reads a quantity.
   *
   * @throws IllegalArgumentException with the server's message
   */
  public static Quantity parse(String input) {
    String text = input.strip();
    if (text.equals("0")) {
      return new Quantity(BigDecimal.ZERO, "0");
    }
    int end = text.length();
    int pos = end > 0 && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
    int whole = pos;
    while (pos < end && isDigit(text.charAt(pos))) {
      pos++;
    }
    String number = stripZeros(text.substring(whole, pos));
    String fraction = "";
    if (pos < end && text.charAt(pos) == '.') {
      int from = ++pos;
      while (pos < end && isDigit(text.charAt(pos))) {
        pos++;
      }
      fraction = text.substring(from, pos);
    }
    if (end == 0) {
      throw wrongFormat();
    }
    String suffix = text.substring(pos);
    checkSuffix(suffix);
    boolean negative = text.charAt(0) == '-';
    return interpret(text, negative, number.isEmpty() ? "0" : number, fraction, suffix);
  }

  private static void checkSuffix(String suffix) {
    int i = 0;
    while (i < suffix.length() && "eEinumkKMGTP".indexOf(suffix.charAt(i)) >= 0) {
      i++;
    }
    if (i < suffix.length() && (suffix.charAt(i) == '-' || suffix.charAt(i) == '+')) {
      i++;
    }
    while (i < suffix.length() && isDigit(suffix.charAt(i))) {
      i++;
    }
    if (i < suffix.length()) {
      throw wrongFormat();
    }
  }

  private static IllegalArgumentException wrongFormat() {
    return new IllegalArgumentException(
        "quantities must match the regular expression"
            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }

  private static Quantity interpret(
      String text, boolean negative, String number, String fraction, String suffix) {
    Format format;
    int exponent;
    Integer decimal = DECIMAL.get(suffix);
    Integer binary = BINARY.get(suffix);
    if (decimal != null) {
      format = Format.DECIMAL_SI;
      exponent = decimal;
    } else if (binary != null) {
      format = Format.BINARY_SI;
      exponent = binary;
    } else {
      format = Format.EXPONENT;
      exponent = exponent(suffix);
    }
    BigDecimal digits = new BigDecimal(new BigInteger(number + fraction), fraction.length());
    BigDecimal amount =
        format == Format.BINARY_SI
            ? digits.multiply(new BigDecimal(BigInteger.TWO.pow(exponent)))
            : digits.scaleByPowerOfTen(exponent);
    if (isKept(format, number, fraction, exponent)) {
      return new Quantity(negative ? amount.negate() : amount, text);
    }
    amount = amount.setScale(Math.min(9, Math.max(amount.scale(), 0)), RoundingMode.UP);
    if (format == Format.BINARY_SI) {
      amount = amount.min(MAX_BINARY);
      if (amount.signum() > 0 && amount.compareTo(BigDecimal.ONE) < 0) {
        format = Format.DECIMAL_SI;
      }
    }
    BigDecimal signed = negative ? amount.negate() : amount;
    return new Quantity(signed, canonical(signed, format));
  }

  private static int exponent(String suffix) {
    if (suffix.length() > 1 && (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E')) {
      try {
        int exponent = Integer.parseInt(suffix.substring(1));
        if (Math.abs(exponent) <= 1000) {
          return exponent;
        }
      } catch (NumberFormatException notAnExponent) {
        throw badSuffix();
      }
    }
    throw badSuffix();
  }

  private static IllegalArgumentException badSuffix() {
    return new IllegalArgumentException("unable to parse quantity's suffix");
  }

  /** Whether the server keeps the text: it is canonical already, and fits its fast path. */
  private static boolean isKept(Format format, String number, String fraction, int exponent) {
    String shifted = number + fraction;
    if (format == Format.BINARY_SI) {
      // 18 decimal digits fit a 64 bit integer, 1Ki takes about three of them.
      int precision = 15 - number.length() - (int) (exponent * 3f / 10) - 1;
      return fraction.isEmpty() && precision >= 0 && (Long.parseLong(number) & 7) != 0;
    }
    int scale = exponent - fraction.length();
    return shifted.length() <= 18
        && scale >= -9
        && scale % 3 == 0
        && !shifted.endsWith("000")
        && shifted.charAt(0) != '0';
  }

  private static String canonical(BigDecimal amount, Format format) {
    if (amount.signum() == 0) {
      return "0";
    }
    BigDecimal plain = amount.stripTrailingZeros();
    boolean small = amount.abs().compareTo(BigDecimal.valueOf(1024)) < 0;
    if (format == Format.BINARY_SI && !small && plain.scale() <= 0) {
      BigInteger number = plain.toBigIntegerExact();
      int exponent = 0;
      while (exponent < 60 && number.mod(KIBI).signum() == 0) {
        number = number.divide(KIBI);
        exponent += 10;
      }
      return number + suffixOf(BINARY, exponent);
    }
    int exponent = Math.floorDiv(-plain.scale(), 3) * 3;
    String number = plain.scaleByPowerOfTen(-exponent).toBigIntegerExact().toString();
    if (format == Format.EXPONENT) {
      return exponent == 0 ? number : number + "e" + exponent;
    }
    return number + suffixOf(DECIMAL, exponent);
  }

  private static String suffixOf(Map<String, Integer> suffixes, int exponent) {
    for (Map.Entry<String, Integer> entry : suffixes.entrySet()) {
      if (entry.getValue() == exponent) {
        return entry.getKey();
      }
    }
    return "";
  }

  private static String stripZeros(String digits) {
    int i = 0;
    while (i < digits.length() && digits.charAt(i) == '0') {
      i++;
    }
    return digits.substring(i);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
