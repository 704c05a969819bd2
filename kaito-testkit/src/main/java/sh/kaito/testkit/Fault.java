package sh.kaito.testkit;

import java.util.List;
import sh.kaito.testkit.internal.apiserver.faults.Occurrences;

/** One fault that was set: what it has seen, and the way to take it back. Thread-safe. */
public final class Fault {
  private final Occurrences occurrences;
  private final Runnable remove;

  Fault(Occurrences occurrences, Runnable remove) {
    this.occurrences = occurrences;
    this.remove = remove;
  }

  /** How many requests or events its match has covered since it was set, chosen or not. */
  public int matched() {
    return occurrences.matched();
  }

  /** How many of them it has acted on. */
  public int struck() {
    return occurrences.struck();
  }

  /**
   * What its match has covered, one line each, in order: {@code create nodeclaims.karpenter.sh} or
   * {@code MODIFIED pods default/phi-3-0}. Entry {@code n - 1} is what {@code nth(n)} chooses.
   */
  public List<String> seen() {
    return occurrences.seen();
  }

  /** Takes the fault back. Idempotent. */
  public void remove() {
    remove.run();
  }

  @Override
  public String toString() {
    return "Fault[matched " + matched() + ", struck " + struck() + "]";
  }
}
