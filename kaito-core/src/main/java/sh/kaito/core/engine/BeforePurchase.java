package sh.kaito.core.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.ReconcileResult.Outcome;

/**
 * What is looked at between the decision to buy and the purchase: whether somebody else works on
 * Workspaces by now, and what stands in the way of the pods. What was found goes into the memory of
 * the Workspace, and it is decided anew.
 */
final class BeforePurchase {
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final Prerequisites prerequisites;
  private final PurchaseGuard guard;

  BeforePurchase(Prerequisites prerequisites, PurchaseGuard guard) {
    this.prerequisites = prerequisites;
    this.guard = guard;
  }

  /**
   * Looks where that is due.
   *
   * @return what to answer instead of carrying the decision out; empty when it may be carried out
   */
  Optional<CompletableFuture<ReconcileResult>> look(
      WorkspaceKey key, KeyState state, Decision decision, Observation seen) {
    boolean first =
        !seen.workspace().annotations().containsKey(Decide.LEDGER)
            && decision.steps().stream().anyMatch(Step.EnsureNodes.class::isInstance);
    // A Workspace that is held back would buy, and asks again whether it may.
    boolean buys =
        first
            || !seen.memory().hold().isEmpty()
            || decision.steps().stream().anyMatch(BeforePurchase::covers);
    if (buys && !guard.isFresh()) {
      return Optional.of(
          guard
              .look()
              .thenApply(
                  told -> {
                    if (told) {
                      again(state);
                    }
                    return ReconcileResult.of(Outcome.WAITING, RETRY);
                  }));
    }
    boolean changed;
    synchronized (state) {
      changed = buys && !state.hold.equals(guard.hold());
      if (buys) {
        state.hold = guard.hold();
      }
    }
    if (first && !prerequisites.isKnown(key.namespace())) {
      return Optional.of(
          prerequisites
              .look(key.namespace())
              .thenApply(
                  done -> {
                    again(state);
                    return ReconcileResult.of(Outcome.WAITING, RETRY);
                  }));
    }
    if (first) {
      String warnings = prerequisites.warnings(key.namespace());
      synchronized (state) {
        changed |= !state.warnings.equals(warnings);
        state.warnings = warnings;
      }
    }
    if (!changed) {
      return Optional.empty();
    }
    again(state);
    return Optional.of(
        CompletableFuture.completedFuture(ReconcileResult.of(Outcome.WAITING, RETRY)));
  }

  /**
   * Whether a step buys, or takes over what another operator bought: beside one that still works on
   * the Workspace the next claim would come after the look for claims.
   */
  private static boolean covers(Step step) {
    return step instanceof Step.AdoptNodes
        || (step instanceof Step.EnsureNodes ensure && ensure.spec().purchaseAllowed());
  }

  private static void again(KeyState state) {
    synchronized (state) {
      state.again = true;
    }
  }
}
