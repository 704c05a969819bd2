package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.engine.Scene.NOON;
import static sh.kaito.core.engine.Scene.RUN;
import static sh.kaito.core.engine.Scene.SPEC;
import static sh.kaito.core.engine.Scene.UID;
import static sh.kaito.core.engine.Scene.all;
import static sh.kaito.core.engine.Scene.condition;
import static sh.kaito.core.engine.Scene.observed;
import static sh.kaito.core.engine.Scene.one;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.Trouble;
import sh.kaito.core.internal.kube.ResourceType;

/** What is done about objects that are not as they should be, and about wishes that cannot be. */
class ChildDecisionsTest {
  private static final ChildKey DEPLOYMENT = new ChildKey(ResourceType.DEPLOYMENTS, "chat");
  private static final String EDITED =
      "{\"replicas\":1,\"template\":{\"spec\":{\"dnsPolicy\":\"None\"}}}";

  @Test
  void whatSomebodyEditedIsRepairedAndNamed() {
    Scene scene = new Scene();
    scene.put(observed(ResourceType.DEPLOYMENTS, UID, "input", "rendered", 1, 1, EDITED));
    assertThat(one(scene.decide(), Step.UpdateChild.class).why())
        .isEqualTo("somebody changed template.spec.dnsPolicy");
  }

  @Test
  void whatTheServerMadeOfOurOwnWriteIsNoDrift() {
    Scene scene = new Scene();
    scene.put(observed(ResourceType.DEPLOYMENTS, UID, "input", "rendered", 1, 1, EDITED));
    scene.settled = Map.of(DEPLOYMENT, Hashes.sha256(EDITED));
    assertThat(all(scene.decide(), Step.UpdateChild.class))
        .as("a comparison that does not know a default of the server must not write for ever")
        .isEmpty();
  }

  @Test
  void aHeldUpgradeKeepsTheNumberOfPodsAndNothingElse() {
    Scene scene = new Scene();
    scene.put(observed(ResourceType.DEPLOYMENTS, UID, "input", "of an older release", 0, 0, ""));
    Decision decision = scene.decide();
    assertThat(all(decision, Step.UpdateChild.class)).isEmpty();
    assertThat(one(decision, Step.PatchChild.class).patch().toString())
        .isEqualTo("{\"spec\":{\"replicas\":1}}");
  }

  @Test
  void anUpgradeThatIsAskedForIsMade() {
    Scene scene = new Scene();
    scene.intent =
        new Intent.Run(
            RUN.kind(),
            1,
            SPEC,
            RUN.children(),
            List.of(),
            true,
            true,
            RUN.deadlines(),
            RUN.summary());
    scene.put(observed(ResourceType.DEPLOYMENTS, UID, "input", "of an older release", 1, 1, ""));
    assertThat(one(scene.decide(), Step.UpdateChild.class).why())
        .isEqualTo("an upgrade was asked for");
  }

  @Test
  void whatCannotBeChangedIsMadeAnewWhenTheOldPodsAreGone() {
    Scene scene = new Scene();
    Intent.Child deployment = RUN.children().get(1);
    Intent.Child fixed =
        new Intent.Child(
            deployment.key(),
            "another wish",
            "rendered",
            deployment.body(),
            live -> List.of("spec.selector"));
    scene.intent = Scene.run(RUN.kind(), RUN.children().get(0), fixed);
    Decision decision = scene.decide();
    assertThat(one(decision, Step.DeleteChild.class).key()).isEqualTo(DEPLOYMENT);
    assertThat(all(decision, Step.CreateChild.class)).isEmpty();
    assertThat(all(decision, Step.UpdateChild.class)).isEmpty();
  }

  @Test
  void anotherInstanceTypeIsRefusedAndWhatRunsGoesOn() {
    Scene scene = new Scene();
    scene.annotations = Map.of(Decide.LEDGER, Ledger.first("Standard_NC24ads_A100_v4").write());
    scene.status = one(new Scene().decide(), Step.WriteStatus.class).patch().get("status");
    Decision decision = scene.decide();
    assertThat(all(decision, Step.EnsureNodes.class)).isEmpty();
    Step.WriteStatus write = one(decision, Step.WriteStatus.class);
    assertThat(condition(write.patch(), "Stalled")).isEqualTo("True");
    assertThat(condition(write.patch(), "InferenceReady"))
        .as("the model still answers")
        .isEqualTo("True");
    assertThat(write.patch().toString())
        .contains("Standard_NC24ads_A100_v4")
        .contains("Standard_NC6s_v3");
  }

  @Test
  void aRefusedChangeLosesReadyOnlyWithThePods() {
    Scene scene = new Scene();
    scene.status = one(new Scene().decide(), Step.WriteStatus.class).patch().get("status");
    scene.intent = new Intent.Refused("WorkspaceInvalid", "unknown preset");
    assertThat(condition(one(scene.decide(), Step.WriteStatus.class).patch(), "InferenceReady"))
        .isEqualTo("True");
    scene.pods = List.of(Scene.pod(false, false, Trouble.NONE));
    assertThat(condition(one(scene.decide(), Step.WriteStatus.class).patch(), "InferenceReady"))
        .isEqualTo("False");
  }

  @Test
  void aMissingSecretIsLookedForBeforeThePurchaseAndTold() {
    Scene scene = new Scene();
    scene.finalizers = List.of();
    scene.annotations = Map.of();
    scene.children.clear();
    scene.nodes = NodeSetStatus.builder().phase(NodePhase.PENDING).build();
    scene.intent =
        new Intent.Run(
            RUN.kind(),
            1,
            SPEC,
            RUN.children(),
            List.of("pull"),
            true,
            false,
            RUN.deadlines(),
            RUN.summary());
    assertThat(scene.decide().steps().get(0)).isEqualTo(new Step.RequireSecrets(List.of("pull")));
    scene.missing = "Secret default/pull does not exist";
    Decision decision = scene.decide();
    Step.WriteStatus told = all(decision, Step.WriteStatus.class).get(0);
    assertThat(told.patch().toString()).contains("SecretNotFound").contains("default/pull");
    assertThat(decision.steps().indexOf(told))
        .as("it is told before it is looked for again, which may end the run")
        .isLessThan(decision.steps().indexOf(one(decision, Step.RequireSecrets.class)));
  }

  @Test
  void aPodThatTakesTooLongIsToldAtItsDeadline() {
    Scene scene = new Scene();
    Duration limit = RUN.deadlines().modelReady();
    scene.pods =
        List.of(
            new ObservedPod(
                "chat-0",
                "",
                false,
                false,
                true,
                Optional.of(NOON.minus(limit)),
                Optional.of(NOON.minus(limit).plusSeconds(1)),
                Trouble.NONE));
    assertThat(scene.decide().nextLook()).contains(NOON.plusSeconds(1));
    assertThat(condition(one(scene.decide(), Step.WriteStatus.class).patch(), "Stalled"))
        .isEqualTo("False");
    Decision late = Decide.decide(scene.observation(), NOON.plusSeconds(1), NOON.minusSeconds(1));
    assertThat(one(late, Step.WriteStatus.class).patch().toString())
        .contains("ModelLoadTimeout")
        .contains("chat-0");
    assertThat(one(late, Step.Emit.class).type()).isEqualTo("Warning");
  }

  @Test
  void aNodeThatWasReadyOnceIsKnownToANewProcess() {
    Scene scene = new Scene();
    scene.status = one(scene.decide(), Step.WriteStatus.class).patch().get("status");
    scene.ensured = false;
    assertThat(one(scene.decide(), Step.EnsureNodes.class).spec().knownSlots()).hasSize(1);

    scene.annotations =
        Map.of(
            Decide.LEDGER,
            Ledger.first("Standard_NC6s_v3").replace(0, NOON.plusSeconds(60)).write());
    assertThat(one(scene.decide(), Step.EnsureNodes.class).spec().knownSlots())
        .as("replaced after the status was last true: nobody knows whether that was bought")
        .isEmpty();
  }

  @Test
  void whatTheGoOperatorRunsIsLeftToIt() {
    for (boolean deleting : new boolean[] {false, true}) {
      Scene scene = new Scene();
      scene.deleting = deleting;
      scene.annotations = Map.of("workspace.kaito.io/hash", "9f86d081");
      scene.nodes = NodeSetStatus.builder().phase(NodePhase.GONE).build();
      Decision decision = scene.decide();
      assertThat(decision.steps())
          .as("its nodes have other names: they would be bought again, or forgotten")
          .allSatisfy(
              step -> assertThat(step).isInstanceOfAny(Step.WriteStatus.class, Step.Emit.class));
      assertThat(one(decision, Step.WriteStatus.class).patch().toString())
          .contains("MadeByGoOperator");
    }
  }

  @Test
  void aHeldUpgradeKeepsAWorkloadOfAnotherKind() {
    Scene scene = new Scene();
    scene.children.remove(DEPLOYMENT);
    scene.put(observed(ResourceType.STATEFULSETS, UID, "input", "of an older release", 1, 1, ""));
    Decision decision = scene.decide();
    assertThat(all(decision, Step.DeleteChild.class)).isEmpty();
    assertThat(all(decision, Step.CreateChild.class)).isEmpty();
  }

  @Test
  void aSetThatGrowsIsNotReadyAndItsNewSlotsWereNeverBought() {
    Scene scene = new Scene();
    scene.status = one(new Scene().decide(), Step.WriteStatus.class).patch().get("status");
    scene.intent =
        new Intent.Run(
            RUN.kind(),
            3,
            SPEC,
            RUN.children(),
            List.of(),
            true,
            false,
            RUN.deadlines(),
            RUN.summary());
    Decision decision = scene.decide();
    assertThat(one(decision, Step.EnsureNodes.class).spec().knownSlots()).hasSize(1);
    assertThat(condition(one(decision, Step.WriteStatus.class).patch(), "ResourceReady"))
        .isEqualTo("False");
  }
}
