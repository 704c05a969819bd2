package sh.kaito.testkit.internal.schema;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The string formats that kube-apiserver checks in custom resources; others are ignored. */
final class StringFormats {
  private static final String SHORT_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

  private static final Map<String, Predicate<String>> FORMATS =
      Map.ofEntries(
          Map.entry("bsonobjectid", matching("[0-9a-fA-F]{24}")),
          Map.entry("uri", StringFormats::isUri),
          Map.entry("email", matching("[^@<>\\s,;]+@[^@<>\\s,;]+|.*<[^@<>\\s]+@[^@<>\\s]+>")),
          Map.entry("hostname", StringFormats::isHostname),
          Map.entry("ipv4", StringFormats::isIpv4),
          Map.entry("ipv6", IpText::isIpv6),
          Map.entry("cidr", IpText::isCidr),
          Map.entry(
              "mac",
              matching(
                  "([0-9a-fA-F]{2}[:-]){5}([0-9a-fA-F]{2}[:-]){0,2}[0-9a-fA-F]{2}"
                      + "|([0-9a-fA-F]{4}\\.){2,3}[0-9a-fA-F]{4}"
                      + "|([0-9a-fA-F]{2}[:-]){19}[0-9a-fA-F]{2}")),
          Map.entry("uuid", uuid("[0-9a-f]{4}", "[0-9a-f]{4}")),
          Map.entry("uuid3", uuid("3[0-9a-f]{3}", "[0-9a-f]{4}")),
          Map.entry("uuid4", uuid("4[0-9a-f]{3}", "[89ab][0-9a-f]{3}")),
          Map.entry("uuid5", uuid("5[0-9a-f]{3}", "[89ab][0-9a-f]{3}")),
          Map.entry("isbn", text -> isIsbn10(text) || isIsbn13(text)),
          Map.entry("isbn10", StringFormats::isIsbn10),
          Map.entry("isbn13", StringFormats::isIsbn13),
          Map.entry("creditcard", StringFormats::isCreditCard),
          Map.entry("ssn", matching("\\d{3}[- ]?\\d{2}[- ]?\\d{4}")),
          Map.entry("hexcolor", matching("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")),
          Map.entry(
              "rgbcolor",
              matching(
                  "rgb\\(\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*,"
                      + "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*,"
                      + "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*\\)")),
          Map.entry(
              "byte",
              matching(
                  "(?:[A-Za-z0-9+/]{4})*"
                      + "(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")),
          Map.entry("password", text -> true),
          Map.entry("date", StringFormats::isDate),
          Map.entry("duration", GoDuration::isValid),
          Map.entry("datetime", StringFormats::isDateTime),
          Map.entry("k8sshortname", text -> text.length() <= 63 && text.matches(SHORT_NAME)),
          Map.entry(
              "k8slongname",
              text ->
                  text.length() <= 253 && text.matches(SHORT_NAME + "(\\." + SHORT_NAME + ")*")));

  private StringFormats() {}

  /** The check of a format; null when the server does not check it. */
  static @Nullable Predicate<String> of(String format) {
    return FORMATS.get(format.replace("-", ""));
  }

  private static Predicate<String> matching(String pattern) {
    return Pattern.compile(pattern).asMatchPredicate();
  }

  private static Predicate<String> uuid(String third, String fourth) {
    return Pattern.compile(
            "[0-9a-f]{8}-?[0-9a-f]{4}-?" + third + "-?" + fourth + "-?[0-9a-f]{12}",
            Pattern.CASE_INSENSITIVE)
        .asMatchPredicate();
  }

  private static boolean isUri(String text) {
    if (text.startsWith("/")) {
      return text.chars().allMatch(c -> c > 0x20 && c != 0x7F);
    }
    try {
      return new URI(text).isAbsolute();
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isHostname(String text) {
    if (text.length() > 255
        || !text.matches(
            "([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|"
                + "([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)"
                + "(\\.)){1,}([a-zA-Z\\p{L}]){2,63})")) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      if (label.length() > 63) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIpv4(String text) {
    return text.indexOf(':') < 0 && IpText.isSloppyIpv4(text)
        || text.contains(".") && IpText.isIpv6(text);
  }

  private static boolean isIsbn10(String text) {
    String digits = text.replaceAll("[\\s-]+", "");
    if (!digits.matches("(?:[0-9]{9}X|[0-9]{10})")) {
      return false;
    }
    int sum = 0;
    for (int i = 0; i < 9; i++) {
      sum += (i + 1) * (digits.charAt(i) - '0');
    }
    sum += digits.charAt(9) == 'X' ? 100 : 10 * (digits.charAt(9) - '0');
    return sum % 11 == 0;
  }

  private static boolean isIsbn13(String text) {
    String digits = text.replaceAll("[\\s-]+", "");
    if (!digits.matches("[0-9]{13}")) {
      return false;
    }
    int sum = 0;
    for (int i = 0; i < 12; i++) {
      sum += (i % 2 == 0 ? 1 : 3) * (digits.charAt(i) - '0');
    }
    return (10 - sum % 10) % 10 == digits.charAt(12) - '0';
  }

  private static boolean isCreditCard(String text) {
    String digits = text.replaceAll("[^0-9]+", "");
    if (!digits.matches(
        "(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}"
            + "|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\\d{3})\\d{11})")) {
      return false;
    }
    int sum = 0;
    for (int i = digits.length() - 1, place = 0; i >= 0; i--, place++) {
      int digit = (digits.charAt(i) - '0') * (place % 2 == 0 ? 1 : 2);
      sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
  }

  private static boolean isDate(String text) {
    if (!text.matches("\\d{4}-\\d{2}-\\d{2}")) {
      return false;
    }
    try {
      LocalDate.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** A date, {@code t}, a time of day that is in range, and a zone that is not looked at. */
  private static boolean isDateTime(String text) {
    if (text.length() < 4) {
      return false;
    }
    String[] parts = text.toLowerCase(Locale.ROOT).split("t", -1);
    return parts.length == 2
        && isDate(parts[0])
        && parts[1].matches(
            "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?"
                + "(z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])");
  }
}
