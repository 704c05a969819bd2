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
    scene.put(job(BEFORE, "Complete", ""));
    scene.intent = new Intent.Refused("ConfigMapNotFound", "tuning.config: is gone", AFTER);
    Decision decision = scene.decide();
    one(decision, Step.ClaimOwnership.class);
    assertThat(state(decision)).isEqualTo("Succeeded");
  }

  @Test
  void theEndOfAnEarlierSpecificationIsRecordedOnceAndIsNotThatOfTheNewOne() {
    Scene scene = tuning();
    scene.put(job("earlier", "Complete", ""));
    scene.intent = new Intent.Refused("ConfigMapNotFound", "tuning.config: is missing", AFTER);
    Decision decision = scene.decide();
    String ledger =
        one(decision, Step.ClaimOwnership.class)
            .patch()
            .at("/metadata/annotations/java.kaito.sh~1nodes")
            .asText();
    assertThat(Ledger.read(ledger).orElseThrow().finished("earlier", 99)).isPresent();
    assertThat(Ledger.read(ledger).orElseThrow().finished(AFTER, 1)).isEmpty();
    assertThat(state(decision)).isNotEqualTo("Succeeded");

    scene.annotations = Map.of(Decide.LEDGER, ledger);
    assertThat(all(scene.decide(), Step.ClaimOwnership.class)).isEmpty();
  }

  private static final String SPEC = "0123456789abcdef0123456789abcdef";
  private static final String BEFORE = SPEC + "ffffffffffffffffffffffffffffffff";
  private static final String AFTER = SPEC + "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

  /** The ConfigMap was changed: the wish has the same first half, which is the specification. */
  private static Scene settingsChanged(boolean started, String end) {
    Scene scene = tuning();
    Intent.Child job = child(ResourceType.JOBS);
    scene.intent =
        run(
            WorkloadKind.TUNING,
            new Intent.Child(job.key(), AFTER, "rendered anew", job.body(), job.fixed()));
    scene.put(job(BEFORE, end, ""));
    scene.pods =
        List.of(
            new ObservedPod(
                "chat-abc",
                "child-uid",
                false,
                false,
                started,
                Optional.empty(),
                Optional.empty(),
                Trouble.NONE));
    return scene;
  }

  @Test
  void aRunningTrainingOutlivesAChangeOfItsConfigMap() {
    Scene scene = settingsChanged(true, "");
    Decision decision = scene.decide();
    assertThat(all(decision, Step.DeleteChild.class))
        .as("an edit beside the Workspace is not worth hours of GPUs")
        .isEmpty();
    ObjectNode patch = one(decision, Step.WriteStatus.class).patch();
    assertThat(state(decision)).isEqualTo("Running");
    assertThat(condition(patch, "JobStarted")).isEqualTo("True");
    assertThat(patch.toString()).contains("goes on with the settings that it began with");
    assertThat(one(decision, Step.Emit.class).reason()).isEqualTo("TrainingGoesOn");

    scene.status = patch.get("status");
    assertThat(all(scene.decide(), Step.Emit.class)).as("it is told once").isEmpty();
    assertThat(all(scene.decide(), Step.WriteStatus.class)).isEmpty();
  }

  @Test
  void beforeTheTrainerRunsAChangeOfTheConfigMapCounts() {
    assertThat(all(settingsChanged(false, "").decide(), Step.DeleteChild.class)).hasSize(1);
  }

  @Test
  void aTrainingWhoseConfigMapChangedEndsForGood() {
    Scene scene = settingsChanged(true, "Complete");
    Decision decision = scene.decide();
    assertThat(state(decision)).isEqualTo("Succeeded");
    String ledger =
        one(decision, Step.ClaimOwnership.class)
            .patch()
            .at("/metadata/annotations")
            .path(Decide.LEDGER)
            .asText();
    assertThat(Ledger.read(ledger).orElseThrow().finished(AFTER, 2))
        .as("a change of something else in the Workspace runs it no second time")
        .isPresent();
  }

  @Test
  void aRunningTrainingOutlivesTheEndOfItsConfigMap() {
    Scene scene = settingsChanged(true, "");
    scene.intent = new Intent.Refused("ConfigMapNotFound", "tuning.config: is gone", AFTER);
    Decision decision = scene.decide();
    ObjectNode patch = one(decision, Step.WriteStatus.class).patch();
    assertThat(state(decision)).isEqualTo("Running");
    assertThat(condition(patch, "Stalled")).as("nothing stands in its way").isEqualTo("False");
    assertThat(patch.toString()).contains("tuning.config: is gone");

    scene.intent = new Intent.Refused("WorkspaceInvalid", "no such preset", "another wish");
    assertThat(condition(one(scene.decide(), Step.WriteStatus.class).patch(), "Stalled"))
        .as("a specification that cannot be done is told as before")
        .isEqualTo("True");
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
