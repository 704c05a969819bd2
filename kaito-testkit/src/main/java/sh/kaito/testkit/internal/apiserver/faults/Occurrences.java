package sh.kaito.testkit.internal.apiserver.faults;

import java.util.ArrayList;
import java.util.List;

/** What one rule has matched so far. Thread-safe. */
public final class Occurrences {
  private final Choice choice;
  private final List<String> seen = new ArrayList<>();
  private int struck;

  Occurrences(Choice choice) {
    this.choice = choice;
  }

  /** Counts one; whether it is chosen. */
  synchronized boolean matched(String line) {
    seen.add(line);
    return choice.includes(seen.size());
  }

  synchronized void strike() {
    struck++;
  }

  public synchronized int matched() {
    return seen.size();
  }

  public synchronized int struck() {
    return struck;
  }

  public synchronized List<String> seen() {
    return List.copyOf(seen);
  }
}
