package sh.kaito.testkit.internal.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bodies of Kubernetes' CEL functions. */
final class CelFunctions {
  private CelFunctions() {}

  static Object quantity(String text) {
    return Quantity.parse(text);
  }

  static Object isQuantity(String text) {
    try {
      Quantity.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static BigInteger integer(Quantity quantity) {
    return quantity.value().toBigIntegerExact();
  }

  static Object isInteger(Quantity quantity) {
    try {
      return integer(quantity).bitLength() < 64;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  static Object asInteger(Quantity quantity) {
    try {
      return integer(quantity).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("cannot convert value to integer", e);
    }
  }

  static Object sum(Quantity quantity, BigDecimal other, boolean add) {
    BigDecimal value = add ? quantity.value().add(other) : quantity.value().subtract(other);
    return new Quantity(value, value.stripTrailingZeros().toPlainString());
  }

  @SuppressWarnings("unchecked")
  private static int compare(Object a, Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return a instanceof Long && b instanceof Long
          ? Long.compare(x.longValue(), y.longValue())
          : Double.compare(x.doubleValue(), y.doubleValue());
    }
    return ((Comparable<Object>) a).compareTo(b);
  }

  static Object isSorted(List<?> list) {
    for (int i = 1; i < list.size(); i++) {
      if (compare(list.get(i - 1), list.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  static Object sum(List<?> list) {
    boolean real = list.stream().anyMatch(Double.class::isInstance);
    double total = 0;
    long whole = 0;
    for (Object item : list) {
      total += ((Number) item).doubleValue();
      whole = Math.addExact(whole, ((Number) item).longValue());
    }
    return real ? (Object) total : (Object) whole;
  }

  /** The greatest item for 1, the least for -1. */
  static Object extreme(List<?> list, int direction) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException((direction > 0 ? "max" : "min") + " called on empty list");
    }
    Object best = list.get(0);
    for (Object item : list) {
      if (compare(item, best) * direction > 0) {
        best = item;
      }
    }
    return best;
  }

  private static Matcher matcher(String text, String expression) {
    Pattern pattern = GoRegex.compile(expression);
    if (pattern == null) {
      throw new IllegalArgumentException("Illegal regex: " + GoRegex.error(expression));
    }
    return pattern.matcher(text);
  }

  static Object find(String text, String expression) {
    Matcher matcher = matcher(text, expression);
    return matcher.find() ? matcher.group() : "";
  }

  static Object findAll(String text, String expression) {
    Matcher matcher = matcher(text, expression);
    List<String> result = new ArrayList<>();
    while (matcher.find()) {
      result.add(matcher.group());
    }
    return result;
  }
}
