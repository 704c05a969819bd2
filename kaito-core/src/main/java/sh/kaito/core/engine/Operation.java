package sh.kaito.core.engine;

import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.core.engine.Observation.ObservedWorkspace;

/** Who runs a Workspace, and which way it goes. Told by what is persisted on it alone. */
enum Operation {
  /** This library runs it, or will. */
  OURS,
  /** The Go operator made it, and nobody asked to take it over. */
  LEFT_TO_GO,
  /** The Go operator made it, and it is to be taken over: no ledger yet. */
  ADOPTING,
  /** It is to be handed over to the Go operator: its ledger is still there. */
  HANDING_BACK,
  /** Somebody said that the Go operator runs it: nothing is read, written or told. */
  HANDED_BACK;

  static Operation of(ObservedWorkspace workspace, AdoptionPolicy policy) {
    Map<String, String> annotations = workspace.annotations();
    String ledger = annotations.get(KaitoAnnotations.NODES);
    String asked = workspace.labels().getOrDefault(KaitoLabels.OPERATOR, "");
    boolean go = asked.equals(KaitoLabels.OPERATOR_GO);
    if (ledger != null) {
      Optional<Ledger> read = Ledger.read(ledger);
      // Once begun it is ended, whatever the label says now and whether or not it is deleted.
      boolean leaves = read.flatMap(Ledger::leaving).isPresent();
      return leaves || (go && read.isPresent() && !workspace.deleting()) ? HANDING_BACK : OURS;
    }
    if (workspace.finalizers().contains(KaitoFinalizers.NODES)) {
      return OURS;
    }
    if (go) {
      return HANDED_BACK;
    }
    if (!annotations.containsKey(KaitoAnnotations.WORKSPACE_HASH)) {
      return OURS;
    }
    return asked.equals(KaitoLabels.OPERATOR_JAVA) || policy == AdoptionPolicy.ALL
        ? ADOPTING
        : LEFT_TO_GO;
  }
}
