package sh.kaito.core.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * How one reconcile ended.
 *
 * @param nextLook when to call again although no wake came; empty: a wake will come if anything
 *     changes
 * @param message for {@link Outcome#FAILED} what went wrong, else empty
 */
public record ReconcileResult(Outcome outcome, Optional<Duration> nextLook, String message) {

  /** How it ended. */
  public enum Outcome {
    /** Nothing was to be written. */
    UNCHANGED,
    /** Something was written; a wake comes when the caches show it. */
    WROTE,
    /** The caches are not complete, or have not caught up with the engine's own last write. */
    WAITING,
    /** A request failed; call again after {@link ReconcileResult#nextLook()}. */
    FAILED,
    /** There is no such Workspace; what was known of it is forgotten. */
    GONE
  }

  static ReconcileResult of(Outcome outcome) {
    return new ReconcileResult(outcome, Optional.empty(), "");
  }

  static ReconcileResult of(Outcome outcome, Duration nextLook) {
    return new ReconcileResult(outcome, Optional.of(nextLook), "");
  }
}
