package sh.kaito.core.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that a mistyped one was probably meant to be. */
final class NearestNames {
  /** A name of 10 KB must not cost a second; nothing that long is a typing error. */
  private static final int LONGEST = 128;

  private NearestNames() {}

  private record Scored(String name, int distance) {}

  /** At most {@code limit} names, nearest first; empty when nothing is near. */
  static List<String> of(String wanted, Collection<String> names, int limit) {
    if (wanted.isBlank() || wanted.length() > LONGEST) {
      return List.of();
    }
    String lower = wanted.trim().toLowerCase(Locale.ROOT);
    List<Scored> scored = new ArrayList<>();
    for (String name : names) {
      String candidate = name.toLowerCase(Locale.ROOT);
      int distance = distance(lower, candidate);
      // Long names share long prefixes, so few errors are allowed; a common part counts too.
      boolean near = distance <= (lower.length() < 5 ? 1 : Math.max(2, lower.length() / 6));
      boolean part =
          lower.length() >= 3 && (candidate.contains(lower) || lower.contains(candidate));
      if (near || part) {
        scored.add(new Scored(name, distance));
      }
    }
    scored.sort(Comparator.comparingInt(Scored::distance).thenComparing(Scored::name));
    // What is much farther than the nearest was not meant.
    return scored.stream()
        .filter(name -> name.distance <= scored.get(0).distance + 1)
        .limit(limit)
        .map(Scored::name)
        .toList();
  }

  /** {@code "; did you mean x?"}, or nothing. */
  static String didYouMean(String wanted, Collection<String> names) {
    List<String> nearest = of(wanted, names, 1);
    return nearest.isEmpty() ? "" : "; did you mean " + nearest.get(0) + "?";
  }

  /** Edit distance with neighbouring swaps counted once (optimal string alignment). */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best =
            Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = best;
      }
    }
    return cost[a.length()][b.length()];
  }
}
