package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.engine.Scene.NOON;
import static sh.kaito.core.engine.Scene.UID;
import static sh.kaito.core.engine.Scene.all;
import static sh.kaito.core.engine.Scene.condition;
import static sh.kaito.core.engine.Scene.nodes;
import static sh.kaito.core.engine.Scene.observed;
import static sh.kaito.core.engine.Scene.one;
import static sh.kaito.core.engine.Scene.pod;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.engine.Observation.Trouble;
import sh.kaito.core.internal.kube.ResourceType;

/** The decision as a table: what is seen, and what is to be done about it. */
class DecideTest {
  @Test
  void nothingIsBoughtBeforeFinalizerAndLedgerAreWritten() {
    Scene scene = new Scene();
    scene.finalizers = List.of();
    scene.annotations = Map.of();
    scene.nodes = NodeSetStatus.builder().phase(NodePhase.PENDING).build();
    scene.children.clear();
    Decision decision = scene.decide();
    Step.ClaimOwnership claim = one(decision, Step.ClaimOwnership.class);
    assertThat(claim.patch().path("metadata").path("resourceVersion").asText()).isEqualTo("17");
    assertThat(claim.patch().path("metadata").path("uid").asText()).isEqualTo(UID);
    assertThat(decision.steps().indexOf(claim))
        .as("the purchase comes after the write that covers it")
        .isLessThan(decision.steps().indexOf(one(decision, Step.EnsureNodes.class)));
    assertThat(one(decision, Step.EnsureNodes.class).spec().purchaseAllowed()).isTrue();
    assertThat(all(decision, Step.CreateChild.class))
        .as("no workload before the nodes: pending pods make autoscalers buy")
        .isEmpty();
  }

  @Test
  void foreignFinalizersAreKept() {
    Scene scene = new Scene();
    scene.finalizers = List.of("example.org/keep");
    scene.annotations = Map.of();
    assertThat(
            one(scene.decide(), Step.ClaimOwnership.class)
                .patch()
                .path("metadata")
                .path("finalizers")
                .toString())
        .isEqualTo("[\"example.org/keep\",\"" + Decide.FINALIZER + "\"]");
  }

  @Test
  void aMissingNodeAfterARestartIsBoughtOnlyAfterALiveRead() {
    Scene scene = new Scene();
    scene.nodes = nodes(NodePhase.PENDING, false);
    Decision decision = scene.decide();
    assertThat(decision.steps().get(0)).isInstanceOf(Step.ProveAlive.class);
    assertThat(one(decision, Step.EnsureNodes.class).spec().purchaseAllowed()).isTrue();
  }

  @Test
  void whileNodesAreOnTheirWayNothingMayBeBought() {
    Scene scene = new Scene();
    scene.nodes = nodes(NodePhase.CREATING, false);
    Decision decision = scene.decide();
    assertThat(all(decision, Step.ProveAlive.class)).isEmpty();
    assertThat(one(decision, Step.EnsureNodes.class).spec().purchaseAllowed()).isFalse();
  }

  @Test
  void aLostNodeIsReplacedUnderAHigherEpochThatIsWrittenFirst() {
    Scene scene = new Scene();
    scene.nodes = nodes(NodePhase.PENDING, true);
    Decision decision = scene.decide();
    String ledger =
        one(decision, Step.ClaimOwnership.class)
            .patch()
            .path("metadata")
            .path("annotations")
            .path(Decide.LEDGER)
            .asText();
    assertThat(Ledger.read(ledger).orElseThrow().epoch(0)).isEqualTo(2);
    assertThat(one(decision, Step.EnsureNodes.class).spec().slots())
        .containsExactly(new NodeSlot(0, 2));
  }

  @Test
  void aDroppedLedgerIsRebuiltFromTheClaimsThatExist() {
    Scene scene = new Scene();
    scene.annotations = Map.of();
    scene.nodes =
        NodeSetStatus.builder()
            .phase(NodePhase.READY)
            .addSlots(
                SlotStatus.builder()
                    .slot(new NodeSlot(0, 2))
                    .phase(NodePhase.READY)
                    .requestName("kabc")
                    .build())
            .build();
    assertThat(one(scene.decide(), Step.EnsureNodes.class).spec().slots())
        .as("the node of epoch 2 serves; epoch 1 would be a second one")
        .containsExactly(new NodeSlot(0, 2));
  }

  @Test
  void aWorkloadScaledByHandIsNotReadyAndIsRepaired() {
    Scene scene = new Scene();
    scene.put(observed(UID, "input", 0, 0));
    scene.pods = List.of();
    Decision decision = scene.decide();
    one(decision, Step.UpdateChild.class);
    assertThat(condition(one(decision, Step.WriteStatus.class).patch(), "InferenceReady"))
        .isEqualTo("False");
  }

  @Test
  void afterThreeReplacementsInAnHourAPersonMustLook() {
    Scene scene = new Scene();
    scene.nodes = nodes(NodePhase.PENDING, true);
    Ledger spent =
        Ledger.first("Standard_NC6s_v3").replace(1, NOON).replace(1, NOON).replace(1, NOON);
    scene.annotations = Map.of(Decide.LEDGER, spent.write());
    Decision decision = scene.decide();
    assertThat(all(decision, Step.ClaimOwnership.class)).isEmpty();
    assertThat(condition(one(decision, Step.WriteStatus.class).patch(), "Stalled"))
        .isEqualTo("True");
    assertThat(decision.nextLook()).contains(NOON.plus(Ledger.WINDOW));
  }

  @Test
  void aGarbledLedgerStopsEverything() {
    Scene scene = new Scene();
    scene.annotations = Map.of(Decide.LEDGER, "{\"v\":9}");
    Decision decision = scene.decide();
    assertThat(all(decision, Step.EnsureNodes.class)).isEmpty();
    assertThat(condition(one(decision, Step.WriteStatus.class).patch(), "Stalled"))
        .isEqualTo("True");
  }

  @Test
  void readyNodesGetServiceAndWorkload() {
    Scene scene = new Scene();
    scene.children.clear();
    scene.pods = List.of();
    Decision decision = scene.decide();
    assertThat(all(decision, Step.CreateChild.class))
        .extracting(step -> step.key().type())
        .containsExactly(ResourceType.SERVICES, ResourceType.DEPLOYMENTS);
    ObjectNode status = one(decision, Step.WriteStatus.class).patch();
    assertThat(condition(status, "ResourceReady")).isEqualTo("True");
    assertThat(condition(status, "InferenceReady")).isEqualTo("False");
    assertThat(status.path("status").path("workerNodes").toString()).isEqualTo("[\"node-1\"]");
  }

  @Test
  void aSettledWorkspaceCostsNothing() {
    Scene scene = new Scene();
    ObjectNode patch = one(scene.decide(), Step.WriteStatus.class).patch();
    assertThat(condition(patch, "WorkspaceSucceeded")).isEqualTo("True");
    scene.status = patch.get("status");
    assertThat(scene.decide().steps())
        .as("only the call in memory is left")
        .hasOnlyElementsOfType(Step.EnsureNodes.class);
  }

  @Test
  void aProcessThatHasJustStartedLeavesTheStatusAlone() {
    Scene scene = new Scene();
    scene.ensured = false;
    scene.nodes = NodeSetStatus.builder().phase(NodePhase.PENDING).build();
    assertThat(scene.decide().steps())
        .as("nothing is known of the nodes yet, so nothing is said and nothing bought")
        .hasOnlyElementsOfType(Step.EnsureNodes.class)
        .allSatisfy(
            step -> assertThat(((Step.EnsureNodes) step).spec().purchaseAllowed()).isFalse());
  }

  @Test
  void readyIsLostWithAnyRung() {
    for (int rung = 0; rung < 4; rung++) {
      Scene scene = new Scene();
      scene.status = object("state", "Ready");
      switch (rung) {
        case 0 -> scene.nodes = nodes(NodePhase.INITIALIZING, false);
        case 1 -> scene.put(observed(UID, "input", 1, 0));
        case 2 -> scene.pods = List.of(pod(false, false, Trouble.NONE));
        default -> scene.pods = List.of(pod(true, true, Trouble.NONE));
      }
      ObjectNode patch = one(scene.decide(), Step.WriteStatus.class).patch();
      assertThat(condition(patch, "InferenceReady")).as("rung %s", rung).isEqualTo("False");
      assertThat(condition(patch, "WorkspaceSucceeded")).as("rung %s", rung).isEqualTo("False");
      assertThat(patch.path("status").path("state").asText())
          .as("rung %s", rung)
          .isEqualTo("NotReady");
    }
  }

  @Test
  void podTroubleIsToldWithItsReason() {
    Scene scene = new Scene();
    scene.pods = List.of(pod(false, false, new Trouble("ImagePullError", "no such image")));
    ObjectNode patch = one(scene.decide(), Step.WriteStatus.class).patch();
    assertThat(patch.toString()).contains("ImagePullError").contains("chat-0: no such image");
  }

  @Test
  void anObjectOfSomebodyElseIsLeftAlone() {
    Scene scene = new Scene();
    scene.put(observed("other", "", 1, 1));
    Decision decision = scene.decide();
    assertThat(all(decision, Step.UpdateChild.class)).isEmpty();
    assertThat(all(decision, Step.DeleteChild.class)).isEmpty();
    assertThat(one(decision, Step.WriteStatus.class).patch().toString())
        .contains("belongs to somebody else");
  }

  @Test
  void aChangedWishUpdatesAChangedRenderingDoesNot() {
    Scene wish = new Scene();
    wish.put(observed(UID, "older wish", 1, 1));
    assertThat(one(wish.decide(), Step.UpdateChild.class).uid()).isEqualTo("child-uid");

    Scene rendering = new Scene();
    rendering.put(
        observed(ResourceType.DEPLOYMENTS, UID, "input", "of an older release", 1, 1, ""));
    assertThat(all(rendering.decide(), Step.UpdateChild.class))
        .as("a new release of the library restarts no model")
        .isEmpty();
  }

  @Test
  void anotherKindOfWorkloadComesWhenTheOldOneIsGone() {
    Scene scene = new Scene();
    scene.children.remove(new ChildKey(ResourceType.DEPLOYMENTS, "chat"));
    scene.put(observed(ResourceType.STATEFULSETS, UID, "input", 1, 1));
    Decision decision = scene.decide();
    assertThat(one(decision, Step.DeleteChild.class).key().type())
        .isEqualTo(ResourceType.STATEFULSETS);
    assertThat(all(decision, Step.CreateChild.class)).as("two workloads, twice the GPUs").isEmpty();
  }

  @Test
  void whatIsRefusedBuysNothing() {
    Scene scene = new Scene();
    scene.finalizers = List.of();
    scene.annotations = Map.of();
    scene.intent = new Intent.Refused("WorkspaceInvalid", "unknown preset");
    Decision decision = scene.decide();
    assertThat(decision.steps())
        .as("a word in the status, and an Event")
        .hasSize(2)
        .hasAtLeastOneElementOfType(Step.Emit.class);
    assertThat(one(decision, Step.WriteStatus.class).patch().toString()).contains("unknown preset");
  }

  @Test
  void theFinalizerStaysUntilTheNodesAreProvedGone() {
    Scene scene = new Scene();
    scene.deleting = true;
    scene.intent = new Intent.Unread();
    for (NodePhase phase : List.of(NodePhase.READY, NodePhase.PENDING, NodePhase.RELEASING)) {
      scene.nodes = nodes(phase, false);
      Decision decision = scene.decide();
      assertThat(all(decision, Step.RemoveFinalizer.class)).as("phase %s", phase).isEmpty();
      one(decision, Step.ReleaseNodes.class);
    }
    scene.nodes = NodeSetStatus.builder().phase(NodePhase.GONE).build();
    scene.finalizers = List.of("example.org/keep", Decide.FINALIZER);
    assertThat(one(scene.decide(), Step.RemoveFinalizer.class).patch().toString())
        .isEqualTo(
            "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\""
                + UID
                + "\"},{\"op\":\"test\",\"path\":\"/metadata/finalizers/1\",\"value\":\""
                + Decide.FINALIZER
                + "\"},{\"op\":\"remove\",\"path\":\"/metadata/finalizers/1\"}]");
  }

  @Test
  void afterATakeoverTheProofCountsOnlyWhenNoOlderPurchaseCanArrive() {
    Scene scene = new Scene();
    scene.deleting = true;
    scene.intent = new Intent.Unread();
    scene.ownedFromBirth = false;
    Instant later = NOON.plusSeconds(70);
    Decision decision = Decide.decide(scene.observation(), NOON, later);
    assertThat(one(decision, Step.ReleaseNodes.class).countsFrom()).isEqualTo(later);

    scene.ownedFromBirth = true;
    Decision own = Decide.decide(scene.observation(), NOON, later);
    assertThat(one(own, Step.ReleaseNodes.class).countsFrom())
        .as("what this process has owned from birth nobody else can have bought")
        .isEqualTo(NOON);
  }

  @Test
  void aWorkspaceWithoutOurFinalizerIsNotHeldUp() {
    Scene scene = new Scene();
    scene.deleting = true;
    scene.finalizers = List.of("example.org/keep");
    Decision decision = scene.decide();
    assertThat(all(decision, Step.RemoveFinalizer.class)).isEmpty();
    assertThat(all(decision, Step.ReleaseNodes.class)).as("its nodes go all the same").hasSize(1);
  }
}
