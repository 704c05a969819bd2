package sh.kaito.core.internal.kube;

import java.util.OptionalInt;

/**
 * Compares resourceVersions. From Kubernetes 1.35 on they may be compared as decimal numbers (its
 * conformance tests require it; before, every server with etcd storage behaved so). Anything else,
 * as an aggregated API server may send, can only be equal or not.
 */
public final class ResourceVersions {
  private ResourceVersions() {}

  /**
   * Whether a state at {@code version} includes the write that was answered with {@code wanted}:
   * equal or, where both are decimal numbers, not smaller.
   */
  public static boolean isAtLeast(String version, String wanted) {
    OptionalInt order = compare(version, wanted);
    return order.isPresent() ? order.getAsInt() >= 0 : version.equals(wanted);
  }

  /** Whether {@code version} is known to be older than {@code other}. */
  public static boolean isOlder(String version, String other) {
    OptionalInt order = compare(version, other);
    return order.isPresent() && order.getAsInt() < 0;
  }

  /** Negative, zero or positive; empty when one of them is no decimal number. */
  public static OptionalInt compare(String a, String b) {
    if (!isNumber(a) || !isNumber(b)) {
      return OptionalInt.empty();
    }
    // No leading zeros, so the longer one is the larger, and digits compare as characters.
    int byLength = Integer.compare(a.length(), b.length());
    return OptionalInt.of(byLength != 0 ? byLength : Integer.signum(a.compareTo(b)));
  }

  private static boolean isNumber(String text) {
    if (text.isEmpty() || (text.length() > 1 && text.charAt(0) == '0')) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
