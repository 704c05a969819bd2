package sh.kaito.api.internal.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/** Collects what is wrong with one input; keeps at most a readable number of violations. */
final class Problems {
  private final String source;
  private final List<Violation> violations = new ArrayList<>();
  private int dropped;
  private int visited;

  Problems(String source) {
    this.source = source;
  }

  void add(SourceNode at, Violation.Builder violation) {
    add(violation.location(new SourceLocation(source, at.line(), at.column())).build());
  }

  void add(Violation violation) {
    if (isFull()) {
      drop();
    } else {
      violations.add(violation);
    }
  }

  /** Whether no further violation will be listed. */
  boolean isFull() {
    return violations.size() >= SourceLimits.MAX_VIOLATIONS;
  }

  /** Counts a problem that is not listed. */
  void drop() {
    dropped++;
  }

  /** Counts a value that is looked at; false when these were too many for one input. */
  boolean visit() {
    return ++visited <= SourceLimits.MAX_NODES;
  }

  /** In the order of the text. */
  List<Violation> toList() {
    List<Violation> all = new ArrayList<>(violations);
    all.sort(
        Comparator.comparingInt((Violation v) -> v.location().map(SourceLocation::line).orElse(0))
            .thenComparingInt(v -> v.location().map(SourceLocation::column).orElse(0)));
    if (dropped > 0) {
      all.add(Violation.error("", dropped + " more problems are not listed").build());
    }
    return all;
  }
}
