package sh.kaito.core.plan;

/**
 * Figures as text. A table of every model on every instance type writes tens of thousands of them,
 * and {@link String#format} would take most of its time.
 */
final class Figures {
  private Figures() {}

  /** With thousands separated by commas: {@code 131,072}. */
  static String grouped(long figure) {
    String digits = Long.toString(Math.abs(figure));
    StringBuilder out = new StringBuilder(digits.length() * 4 / 3 + 1);
    if (figure < 0) {
      out.append('-');
    }
    for (int i = 0; i < digits.length(); i++) {
      if (i > 0 && (digits.length() - i) % 3 == 0) {
        out.append(',');
      }
      out.append(digits.charAt(i));
    }
    return out.toString();
  }

  /** With two decimals: {@code 27.31}. */
  static String hundredths(double figure) {
    long hundredths = Math.round(Math.abs(figure) * 100);
    long rest = hundredths % 100;
    return (figure < 0 && hundredths > 0 ? "-" : "")
        + hundredths / 100
        + (rest < 10 ? ".0" : ".")
        + rest;
  }
}
