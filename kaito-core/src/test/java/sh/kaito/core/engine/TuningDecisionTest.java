package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.engine.Scene.UID;
import static sh.kaito.core.engine.Scene.all;
import static sh.kaito.core.engine.Scene.child;
import static sh.kaito.core.engine.Scene.condition;
import static sh.kaito.core.engine.Scene.job;
import static sh.kaito.core.engine.Scene.nodes;
import static sh.kaito.core.engine.Scene.one;
import static sh.kaito.core.engine.Scene.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.Trouble;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.plan.WorkloadKind;

/** A tuning Job runs once for what was asked, whatever comes after its end. */
class TuningDecisionTest {
  private static final ChildKey JOB = new ChildKey(ResourceType.JOBS, "chat");

  private static Scene tuning() {
    Scene scene = new Scene();
    scene.children.clear();
    scene.pods = List.of();
    scene.intent = run(WorkloadKind.TUNING, child(ResourceType.JOBS));
    return scene;
  }

  private static ObservedPod trainer(boolean started) {
    return new ObservedPod(
        "chat-abc", "", false, false, started, Optional.empty(), Optional.empty(), Trouble.NONE);
  }

  private static String state(Decision decision) {
    return one(decision, Step.WriteStatus.class).patch().at("/status/state").asText();
  }

  @Test
  void theJobIsMadeWhenTheNodesAreReady() {
    Scene scene = tuning();
    Decision decision = scene.decide();
    assertThat(one(decision, Step.CreateChild.class).key()).isEqualTo(JOB);
    assertThat(state(decision)).isEqualTo("Pending");
    assertThat(condition(one(decision, Step.WriteStatus.class).patch(), "InferenceReady"))
        .as("a Workspace that tunes serves nothing")
        .isEqualTo("absent");
  }

  @Test
  void itHasStartedWhenTheTrainerRuns() {
    Scene scene = tuning();
    scene.put(job("input", "", ""));
    scene.pods = List.of(trainer(false));
    assertThat(condition(one(scene.decide(), Step.WriteStatus.class).patch(), "JobStarted"))
        .isEqualTo("False");
    scene.pods = List.of(trainer(true));
    assertThat(condition(one(scene.decide(), Step.WriteStatus.class).patch(), "JobStarted"))
        .isEqualTo("True");
    assertThat(state(scene.decide())).isEqualTo("Running");
  }

  @Test
  void itsEndIsPersistedBeforeItIsTold() {
    Scene scene = tuning();
    scene.put(job("input", "Complete", ""));
    Decision decision = scene.decide();
    Step.ClaimOwnership write = one(decision, Step.ClaimOwnership.class);
    String ledger = write.patch().at("/metadata/annotations").path(Decide.LEDGER).asText();
    assertThat(Ledger.read(ledger).orElseThrow().finished("input", 1))
        .contains(new Ledger.Finished("input", 1, true));
    assertThat(decision.steps().indexOf(write))
        .isLessThan(decision.steps().indexOf(one(decision, Step.WriteStatus.class)));
    assertThat(state(decision)).isEqualTo("Succeeded");
  }

  @Test
  void afterItsEndNothingRunsItAgainAndNoNodeIsReplaced() {
    Scene scene = tuning();
    scene.annotations =
        Map.of(
            Decide.LEDGER,
            Ledger.first("Standard_NC6s_v3").finish(new Ledger.Finished("input", 1, true)).write());
    scene.nodes = nodes(NodePhase.PENDING, true);
    Decision decision = scene.decide();
    assertThat(all(decision, Step.CreateChild.class)).isEmpty();
    assertThat(all(decision, Step.ClaimOwnership.class)).isEmpty();
    assertThat(one(decision, Step.EnsureNodes.class).spec().purchaseAllowed()).isFalse();
    assertThat(state(decision)).isEqualTo("Succeeded");
  }

  @Test
  void aFailedJobIsTerminalAndSaysWhy() {
    Scene scene = tuning();
    scene.put(job("input", "Failed", "Job has reached the specified backoff limit"));
    ObjectNode patch = one(scene.decide(), Step.WriteStatus.class).patch();
    assertThat(patch.at("/status/state").asText()).isEqualTo("Failed");
    assertThat(condition(patch, "Stalled")).isEqualTo("True");
    assertThat(patch.toString()).contains("backoff limit");

    Scene later = tuning();
    later.annotations =
        Map.of(
            Decide.LEDGER,
            Ledger.first("Standard_NC6s_v3")
                .finish(new Ledger.Finished("input", 1, false))
                .write());
    later.status = patch.get("status");
    assertThat(all(later.decide(), Step.WriteStatus.class))
        .as("the Job is gone by now; what was said of it stays")
        .isEmpty();
  }

  @Test
  void anotherWishIsAnotherJobWhenTheOldOneIsGone() {
    Scene scene = tuning();
    scene.put(job("older wish", "", ""));
    Decision decision = scene.decide();
    assertThat(one(decision, Step.DeleteChild.class).key()).isEqualTo(JOB);
    assertThat(one(decision, Step.DeleteChild.class).uid()).isEqualTo("child-uid");
    assertThat(all(decision, Step.CreateChild.class)).isEmpty();

    Scene after = tuning();
    after.annotations =
        Map.of(
            Decide.LEDGER,
            Ledger.first("Standard_NC6s_v3")
                .finish(new Ledger.Finished("older wish", 0, true))
                .write());
    assertThat(one(after.decide(), Step.CreateChild.class).key())
        .as("the end of the older wish is not the end of this one")
        .isEqualTo(JOB);
  }

  @Test
  void aJobOfSomebodyElseIsNotOurEnd() {
    Scene scene = tuning();
    scene.put(job("input", "Complete", ""));
    Observation.ObservedChild foreign = job("input", "Complete", "");
    scene.children.put(
        JOB,
        new Observation.ObservedChild(
            JOB,
            foreign.uid(),
            "3",
            "not " + UID,
            false,
            foreign.marks(),
            foreign.rollout(),
            foreign.job(),
            ""));
    Decision decision = scene.decide();
    assertThat(all(decision, Step.ClaimOwnership.class)).isEmpty();
    assertThat(one(decision, Step.WriteStatus.class).patch().toString())
        .contains("belongs to somebody else");
  }

  @Test
  void aConfigMapThatChangesAfterTheEndRunsNothingAgain() {
    Scene scene = tuning();
    scene.put(job("with the older ConfigMap", "Complete", ""));
    scene.annotations =
        Map.of(
            Decide.LEDGER,
            Ledger.first("Standard_NC6s_v3")
                .finish(new Ledger.Finished("with the older ConfigMap", 1, true))
                .write());
    Decision decision = scene.decide();
    assertThat(all(decision, Step.DeleteChild.class)).isEmpty();
    assertThat(all(decision, Step.CreateChild.class)).isEmpty();
    assertThat(state(decision)).isEqualTo("Succeeded");
  }

  @Test
  void anEndIsRecordedAlsoWhenTheConfigMapIsGone() {
    Scene scene = tuning();
    scene.put(job("input", "Complete", ""));
    scene.intent = new Intent.Refused("ConfigMapNotFound", "tuning.config: is gone");
    Decision decision = scene.decide();
    one(decision, Step.ClaimOwnership.class);
    assertThat(state(decision)).isEqualTo("Succeeded");
  }

  @Test
  void anUpgradeDoesNotEndATraining() {
    Scene scene = tuning();
    Intent.Run plain = run(WorkloadKind.TUNING, child(ResourceType.JOBS));
    scene.intent =
        new Intent.Run(
            plain.kind(),
            1,
            plain.nodes(),
            plain.children(),
            List.of(),
            true,
            true,
            plain.deadlines(),
            plain.summary());
    scene.put(Scene.observed(ResourceType.JOBS, UID, "input", "of an older release", 0, 0, ""));
    assertThat(all(scene.decide(), Step.DeleteChild.class)).isEmpty();
  }
}
