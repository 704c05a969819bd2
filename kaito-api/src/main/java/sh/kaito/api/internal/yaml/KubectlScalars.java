package sh.kaito.api.internal.yaml;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What kubectl makes of a value without quotes. It reads YAML through go-yaml version 2, which is
 * mostly YAML 1.1: {@code yes} and {@code on} are booleans, {@code 0644} is octal (and {@code
 * 0o644} too), underscores separate digits, sexagesimals are text. A file must mean the same to
 * this library as to kubectl, so this is what we do. One exception: the single letters {@code y}
 * and {@code n}, which kubectl takes for booleans too, are text here, as in YAML 1.2: nobody means
 * anything else by them, and where a label is called {@code y} it shall be called so.
 */
final class KubectlScalars {
  private static final Map<String, Boolean> BOOLEANS =
      Map.ofEntries(
          Map.entry("yes", true),
          Map.entry("Yes", true),
          Map.entry("YES", true),
          Map.entry("true", true),
          Map.entry("True", true),
          Map.entry("TRUE", true),
          Map.entry("on", true),
          Map.entry("On", true),
          Map.entry("ON", true),
          Map.entry("no", false),
          Map.entry("No", false),
          Map.entry("NO", false),
          Map.entry("false", false),
          Map.entry("False", false),
          Map.entry("FALSE", false),
          Map.entry("off", false),
          Map.entry("Off", false),
          Map.entry("OFF", false));

  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  private KubectlScalars() {}

  /** null, Boolean, Long, BigInteger, Double or String. */
  static @Nullable Object resolve(SourceNode.Scalar scalar) {
    return scalar.plain() ? resolve(scalar.text()) : scalar.text();
  }

  static @Nullable Object resolve(String text) {
    if (NULLS.contains(text)) {
      return null;
    }
    Boolean bool = BOOLEANS.get(text);
    if (bool != null) {
      return bool;
    }
    char first = text.charAt(0);
    if (first != '+' && first != '-' && first != '.' && (first < '0' || first > '9')) {
      return text;
    }
    // Longer than any number that means something; also keeps BigInteger from quadratic work.
    return text.length() > 64 ? text : number(text);
  }

  private static Object number(String text) {
    String digits = text.replace("_", "");
    BigInteger integer = integer(digits);
    if (integer != null) {
      return integer.bitLength() < Long.SIZE ? (Object) integer.longValue() : integer;
    }
    if (FLOAT.matcher(digits).matches()) {
      return Double.valueOf(digits);
    }
    return text;
  }

  private static @Nullable BigInteger integer(String digits) {
    boolean negative = digits.startsWith("-");
    String magnitude = negative || digits.startsWith("+") ? digits.substring(1) : digits;
    int radix = 10;
    String body = magnitude;
    if (magnitude.length() > 1 && magnitude.charAt(0) == '0') {
      char mark = Character.toLowerCase(magnitude.charAt(1));
      radix = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
      body = magnitude.substring(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
    if (body.isEmpty() || body.charAt(0) == '-' || body.charAt(0) == '+') {
      return null;
    }
    for (int i = 0; i < body.length(); i++) {
      if (body.charAt(i) > 'f' || Character.digit(body.charAt(i), radix) < 0) {
        return null;
      }
    }
    BigInteger value = new BigInteger(body, radix);
    return negative ? value.negate() : value;
  }

  /** How kubectl spells a key in JSON; differs from the text where a key should be quoted. */
  static String key(SourceNode.Scalar key) {
    Object resolved = resolve(key);
    if (resolved instanceof Double number) {
      return new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
    }
    return resolved == null ? "null" : resolved.toString();
  }
}
