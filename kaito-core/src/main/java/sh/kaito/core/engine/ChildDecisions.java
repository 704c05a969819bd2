package sh.kaito.core.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * What to do about the objects of a Workspace. Three things are compared: what the user asked for,
 * what was made of it last, and what is there.
 *
 * <ul>
 *   <li>The wish changed: the object is brought to it.
 *   <li>The wish is the same and the rendering differs, because another release of the library
 *       renders: nothing is touched until an upgrade is asked for. Only the number of pods is kept.
 *   <li>The wish changed in a ConfigMap alone, and a training runs: it goes on.
 *   <li>What is there is not what was made: somebody changed it, and it is repaired.
 * </ul>
 *
 * Pure.
 */
final class ChildDecisions {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Observation seen;
  private final Intent.Run run;
  private final List<Step> steps = new ArrayList<>();
  private String obstacle = "";

  private ChildDecisions(Observation seen, Intent.Run run) {
    this.seen = seen;
    this.run = run;
  }

  /**
   * What to do.
   *
   * @param obstacle what stands in the way, for a person; empty when nothing does
   */
  record Outcome(List<Step> steps, String obstacle) {
    Outcome {
      steps = List.copyOf(steps);
    }
  }

  static Outcome decide(Observation seen, Intent.Run run) {
    ChildDecisions decisions = new ChildDecisions(seen, run);
    boolean held = decisions.isHeld();
    if (held || decisions.nothingIsLeftOver()) {
      for (Intent.Child child : run.children()) {
        if (!(held && child.isWorkload() && seen.child(child.key()).isEmpty())) {
          decisions.decide(child);
        }
      }
    }
    return new Outcome(decisions.steps, decisions.obstacle);
  }

  /**
   * Whether the workload that runs was made from the same wish by another release: then it stays,
   * of whatever kind it is, and so does everything that it uses.
   */
  private boolean isHeld() {
    return !run.upgrade()
        && seen.workload()
            .filter(child -> child.marks().inputHash().equals(run.workload().inputHash()))
            .filter(child -> !child.marks().renderedHash().equals(run.workload().renderedHash()))
            .isPresent();
  }

  /** What is ours and not wanted any more goes first: two workloads are twice the GPUs. */
  private boolean nothingIsLeftOver() {
    for (ObservedChild child : seen.children().values()) {
      boolean wanted = run.children().stream().anyMatch(c -> c.key().equals(child.key()));
      if (!wanted && isOurs(child)) {
        obstacle = "waiting until " + child.key() + " is gone";
        if (!child.deleting()) {
          steps.add(new Step.DeleteChild(child.key(), child.uid(), "is not wanted any more"));
        }
      }
    }
    return obstacle.isEmpty();
  }

  private boolean isOurs(ObservedChild child) {
    return child.ownerUid().equals(seen.workspace().uid()) && !child.marks().isForeign();
  }

  private void decide(Intent.Child child) {
    ObservedChild observed = seen.children().get(child.key());
    if (observed == null) {
      steps.add(new Step.CreateChild(child.key(), child.body()));
    } else if (!observed.ownerUid().equals(seen.workspace().uid())) {
      obstacle =
          child.key()
              + " exists and belongs to somebody else; delete or rename it, or rename the"
              + " Workspace";
    } else if (observed.deleting()) {
      obstacle = "waiting until " + child.key() + " is gone";
    } else if (!observed.marks().inputHash().equals(child.inputHash())) {
      if (run.isTuning() && RunningTraining.of(seen, child.inputHash()).isPresent()) {
        return;
      }
      change(child, observed, "the specification changed");
    } else if (!observed.marks().renderedHash().equals(child.renderedHash())) {
      if (run.upgrade() && !child.key().type().equals(ResourceType.JOBS)) {
        change(child, observed, "an upgrade was asked for");
      } else {
        keepReplicas(child, observed);
      }
    } else {
      repair(child, observed);
    }
  }

  private void change(Intent.Child child, ObservedChild observed, String why) {
    if (isFixed(child, observed)) {
      steps.add(new Step.DeleteChild(child.key(), observed.uid(), why));
      obstacle = "waiting until " + child.key() + " is gone, to make it anew: " + why;
    } else {
      steps.add(new Step.UpdateChild(child.key(), observed.uid(), child.body(), why));
    }
  }

  /** Whether the change is one that the API server allows only by making the object anew. */
  private static boolean isFixed(Intent.Child child, ObservedChild observed) {
    if (child.key().type().equals(ResourceType.JOBS)) {
      return true;
    }
    String live = "{\"spec\":" + (observed.spec().isEmpty() ? "{}" : observed.spec()) + "}";
    return !observed.spec().isEmpty() && !child.fixed().apply(live.getBytes(UTF_8)).isEmpty();
  }

  private void keepReplicas(Intent.Child child, ObservedChild observed) {
    if (child.isWorkload()
        && !child.key().type().equals(ResourceType.JOBS)
        && observed.rollout().replicas() != child.replicas()) {
      // The rest stays as the older release rendered it, or the model would restart.
      steps.add(
          new Step.PatchChild(
              child.key(),
              observed.uid(),
              object("spec", object("replicas", child.replicas())),
              "spec.replicas is " + observed.rollout().replicas()));
    }
  }

  private void repair(Intent.Child child, ObservedChild observed) {
    String settled = seen.memory().settled().get(child.key());
    if (child.key().type().equals(ResourceType.JOBS)
        || observed.spec().isEmpty()
        || observed.specHash().equals(settled)) {
      return;
    }
    List<String> drift = Drift.of(said(child.body()), tree(observed.spec().toString()));
    if (!drift.isEmpty()) {
      steps.add(
          new Step.UpdateChild(
              child.key(),
              observed.uid(),
              child.body(),
              "somebody changed " + String.join(", ", drift)));
    }
  }

  /** The part of an object that says what it is to be. */
  static JsonNode said(JsonNode object) {
    return object.path(object.has("data") ? "data" : "spec");
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the cache holds JSON that it wrote itself", e);
    }
  }
}
