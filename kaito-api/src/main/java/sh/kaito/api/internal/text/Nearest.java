package sh.kaito.api.internal.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the value that somebody probably meant. */
public final class Nearest {

  /** Longer texts are no typing errors, and the distance costs the product of the lengths. */
  private static final int LONGEST = 128;

  private Nearest() {}

  /**
   * The candidate nearest to a text: equal but for case and separators, or at most one edit for
   * each three characters away (insertion, deletion, substitution, transposition of neighbours).
   * The first one wins among equals.
   */
  public static Optional<String> of(String text, Collection<String> candidates) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return Optional.empty();
    }
    String wanted = normalise(text);
    @Nullable String best = null;
    int bestDistance = Math.max(1, Math.min(wanted.length() / 3, 6)) + 1;
    for (String candidate : candidates) {
      if (candidate.isEmpty() || candidate.length() > LONGEST || candidate.equals(text)) {
        continue;
      }
      String other = normalise(candidate);
      if (Math.abs(other.length() - wanted.length()) >= bestDistance) {
        continue;
      }
      int distance = distance(wanted, other);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best == null ? byPrefix(wanted, candidates) : Optional.of(best);
  }

  /**
   * So many of the candidates, those first that take the fewest edits; in their own order where
   * none has half of its characters in common, and likeness would be chance.
   */
  public static List<String> first(String text, Collection<String> candidates, int limit) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return candidates.stream().limit(limit).toList();
    }
    String wanted = normalise(text);
    int alike = wanted.length() / 2;
    return candidates.stream()
        .sorted(Comparator.comparingInt(candidate -> Math.min(alike + 1, edits(wanted, candidate))))
        .limit(limit)
        .toList();
  }

  private static int edits(String wanted, String candidate) {
    return candidate.length() > LONGEST
        ? Integer.MAX_VALUE
        : distance(wanted, normalise(candidate));
  }

  /** "presetName" for "preset", "temp" for "template". */
  private static Optional<String> byPrefix(String wanted, Collection<String> candidates) {
    return candidates.stream()
        .filter(
            candidate -> {
              String other = normalise(candidate);
              return Math.min(other.length(), wanted.length()) >= 4
                  && !other.equals(wanted)
                  && (wanted.startsWith(other) || other.startsWith(wanted));
            })
        .findFirst();
  }

  private static String normalise(String text) {
    return text.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "").replace(" ", "");
  }

  /** Edits between two texts, with swapped neighbours as one edit (optimal string alignment). */
  static int distance(String a, String b) {
    int[] twoBack = new int[b.length() + 1];
    int[] oneBack = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      oneBack[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int edits = Math.min(Math.min(current[j - 1], oneBack[j]) + 1, oneBack[j - 1] + cost);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          edits = Math.min(edits, twoBack[j - 2] + 1);
        }
        current[j] = edits;
      }
      int[] free = twoBack;
      twoBack = oneBack;
      oneBack = current;
      current = free;
    }
    return oneBack[b.length()];
  }
}
