package sh.kaito.testkit.internal.apiserver.api;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of API versions: {@code v2, v1, v1beta2, v1beta1, v1alpha1}, then everything else by
 * name.
 */
public final class VersionOrder {
  private static final Pattern VERSION =
      Pattern.compile("v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?");

  /** The version that clients should use comes first. */
  public static final Comparator<String> PREFERRED_FIRST = VersionOrder::compare;

  private VersionOrder() {}

  private static int compare(String left, String right) {
    Matcher a = VERSION.matcher(left);
    Matcher b = VERSION.matcher(right);
    boolean aMatches = a.matches();
    boolean bMatches = b.matches();
    if (!aMatches || !bMatches) {
      return aMatches ? -1 : bMatches ? 1 : left.compareTo(right);
    }
    int byStage = Integer.compare(stage(b), stage(a));
    if (byStage != 0) {
      return byStage;
    }
    int byMajor = Long.compare(Long.parseLong(b.group(1)), Long.parseLong(a.group(1)));
    if (byMajor != 0 || a.group(3) == null) {
      return byMajor;
    }
    return Long.compare(Long.parseLong(b.group(3)), Long.parseLong(a.group(3)));
  }

  private static int stage(Matcher version) {
    String stage = version.group(2);
    return stage == null ? 2 : stage.equals("beta") ? 1 : 0;
  }
}
