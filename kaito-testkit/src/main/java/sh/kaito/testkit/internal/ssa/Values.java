package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.GoNumbers;

/** Equality, order and text of JSON values as structured-merge-diff has them. */
final class Values {
  /** Stands for a value that is not there, which is something else than a null. */
  static final Object ABSENT =
      new Object() {
        @Override
        public String toString() {
          return "absent";
        }
      };

  private Values() {}

  static boolean isAbsent(@Nullable Object value) {
    return value == ABSENT;
  }

  static boolean isScalar(@Nullable Object value) {
    return value instanceof String || value instanceof Boolean || value instanceof Number;
  }

  /** 1 equals 1.0, otherwise as JSON. */
  static boolean equal(@Nullable Object left, @Nullable Object right) {
    if (left instanceof Number a && right instanceof Number b) {
      return left.equals(right)
          || ((left instanceof Double || right instanceof Double)
              && a.doubleValue() == b.doubleValue());
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!equal(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : a.entrySet()) {
        Object other = b.get(entry.getKey());
        if ((other == null && !b.containsKey(entry.getKey())) || !equal(entry.getValue(), other)) {
          return false;
        }
      }
      return true;
    }
    return Objects.equals(left, right);
  }

  /** Numbers, strings, booleans, lists, maps, null: in this order. */
  static int compare(@Nullable Object left, @Nullable Object right) {
    int kind = Integer.compare(rank(left), rank(right));
    if (kind != 0) {
      return kind;
    }
    if (left instanceof Number a && right instanceof Number b) {
      return left instanceof Double || right instanceof Double
          ? Double.compare(a.doubleValue(), b.doubleValue())
          : Long.compare(a.longValue(), b.longValue());
    }
    if (left instanceof String a && right instanceof String b) {
      return compareText(a, b);
    }
    if (left instanceof Boolean a && right instanceof Boolean b) {
      return Boolean.compare(a, b);
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      for (int i = 0; i < a.size() && i < b.size(); i++) {
        int order = compare(a.get(i), b.get(i));
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(a.size(), b.size());
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      return compareMaps(a, b);
    }
    return 0;
  }

  private static int compareMaps(Map<?, ?> a, Map<?, ?> b) {
    List<Object> left = new ArrayList<>(new TreeSet<>(a.keySet()));
    List<Object> right = new ArrayList<>(new TreeSet<>(b.keySet()));
    for (int i = 0; i < left.size() && i < right.size(); i++) {
      int order = compareText((String) left.get(i), (String) right.get(i));
      if (order == 0) {
        order = compare(a.get(left.get(i)), b.get(right.get(i)));
      }
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  private static int rank(@Nullable Object value) {
    if (value instanceof Number) {
      return 0;
    }
    if (value instanceof String) {
      return 1;
    }
    if (value instanceof Boolean) {
      return 2;
    }
    if (value instanceof List<?>) {
      return 3;
    }
    return value instanceof Map<?, ?> ? 4 : 5;
  }

  /** Order by UTF-8 bytes, which is order by code point. */
  static int compareText(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x) != Character.isSurrogate(y);
        return surrogates ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** As a path shows a key: strings quoted. */
  static String text(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof String text) {
      return GoFormat.quote(text);
    }
    return value instanceof Double number ? GoNumbers.general(number) : value.toString();
  }
}
