package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.ResourceType;

/** The decision as a table: what is seen, and what is to be done about it. */
class DecideTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final WorkspaceKey KEY = WorkspaceKey.of("chat");
  private static final String UID = "280d545f-b5ba-4473-b3e8-5720916011be";
  private static final NodeSetKey NODES = new NodeSetKey("default", "chat", UID, "workers");
  private static final NodeSetSpec SPEC =
      NodeSetSpec.builder()
          .key(NODES)
          .instanceType("Standard_NC6s_v3")
          .gpusPerNode(1)
          .storage("50Gi")
          .purchaseAllowed(false)
          .build();
  private static final Intent.Child SERVICE = child(ResourceType.SERVICES);
  private static final Intent.Child DEPLOYMENT = child(ResourceType.DEPLOYMENTS);
  private static final Intent.Run RUN =
      new Intent.Run(1, SPEC, List.of(SERVICE, DEPLOYMENT), "requesting 1 x Standard_NC6s_v3");

  private static Intent.Child child(ResourceType type) {
    return new Intent.Child(
        type,
        "chat",
        "input",
        "rendered",
        type.equals(ResourceType.SERVICES)
            ? object("metadata", object())
            : object("metadata", object(), "spec", object("replicas", 1)));
  }

  /** A builder of observations that starts with a settled, ready workspace. */
  private static final class Scene {
    boolean deleting;
    List<String> finalizers = List.of(Decide.FINALIZER);
    Map<String, String> annotations = Map.of(Decide.LEDGER, Ledger.first().write());
    JsonNode status = object();
    Intent intent = RUN;
    NodeSetStatus nodes = nodes(NodePhase.READY, false);
    Map<ResourceType, ObservedChild> children = new HashMap<>();
    List<ObservedPod> pods = List.of(new ObservedPod("chat-0", true, false, "", ""));
    boolean ownedFromBirth = true;
    boolean ensured = true;

    Scene() {
      children.put(ResourceType.SERVICES, observed(UID, "input", 0, 0));
      children.put(ResourceType.DEPLOYMENTS, observed(UID, "input", 1, 1));
    }

    Observation observation() {
      return new Observation(
          new ObservedWorkspace(
              KEY, "kaito.sh/v1beta1", UID, "17", 1, deleting, finalizers, annotations, status),
          intent,
          nodes,
          children,
          pods,
          new Observation.Memory(ownedFromBirth, ensured, Optional.empty(), ""));
    }

    Decision decide() {
      return Decide.decide(observation(), NOON, NOON.minusSeconds(1));
    }
  }

  private static ObservedChild observed(String owner, String hash, int replicas, int ready) {
    return new ObservedChild(
        "chat", "child-uid", "3", owner, false, hash, "rendered", "", 1, 1, replicas, ready, ready);
  }

  private static NodeSetStatus nodes(NodePhase phase, boolean lost) {
    return NodeSetStatus.builder()
        .phase(phase)
        .addSlots(
            SlotStatus.builder()
                .slot(new NodeSlot(0, 1))
                .phase(phase)
                .requestName("kabc")
                .nodeName(phase == NodePhase.READY ? Optional.of("node-1") : Optional.empty())
                .isLost(lost)
                .build())
        .build();
  }

  private static <T extends Step> List<T> all(Decision decision, Class<T> type) {
    return decision.steps().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static <T extends Step> T one(Decision decision, Class<T> type) {
    assertThat(all(decision, type)).as("steps %s", decision.steps()).hasSize(1);
    return all(decision, type).get(0);
  }

  private static String condition(ObjectNode patch, String type) {
    for (JsonNode condition : patch.path("status").path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText();
      }
    }
    return "absent";
  }

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
    scene.children.put(ResourceType.DEPLOYMENTS, observed(UID, "input", 0, 0));
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
    Ledger spent = Ledger.first().replace(1, NOON).replace(1, NOON).replace(1, NOON);
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
    assertThat(decision.steps()).hasSize(1);
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
        .extracting(Step.CreateChild::type)
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
        case 1 -> scene.children.put(ResourceType.DEPLOYMENTS, observed(UID, "input", 1, 0));
        case 2 -> scene.pods = List.of(new ObservedPod("chat-0", false, false, "", ""));
        default -> scene.pods = List.of(new ObservedPod("chat-0", true, true, "", ""));
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
    scene.pods =
        List.of(new ObservedPod("chat-0", false, false, "ImagePullError", "no such image"));
    ObjectNode patch = one(scene.decide(), Step.WriteStatus.class).patch();
    assertThat(patch.toString()).contains("ImagePullError").contains("chat-0: no such image");
  }

  @Test
  void anObjectOfSomebodyElseIsLeftAlone() {
    Scene scene = new Scene();
    scene.children.put(ResourceType.DEPLOYMENTS, observed("other", "", 1, 1));
    Decision decision = scene.decide();
    assertThat(all(decision, Step.UpdateChild.class)).isEmpty();
    assertThat(all(decision, Step.DeleteChild.class)).isEmpty();
    assertThat(one(decision, Step.WriteStatus.class).patch().toString())
        .contains("belongs to somebody else");
  }

  @Test
  void aChangedWishUpdatesAChangedRenderingDoesNot() {
    Scene wish = new Scene();
    wish.children.put(ResourceType.DEPLOYMENTS, observed(UID, "older wish", 1, 1));
    assertThat(one(wish.decide(), Step.UpdateChild.class).uid()).isEqualTo("child-uid");

    Scene rendering = new Scene();
    rendering.children.put(
        ResourceType.DEPLOYMENTS,
        new ObservedChild(
            "chat",
            "child-uid",
            "3",
            UID,
            false,
            "input",
            "of an older release",
            "",
            1,
            1,
            1,
            1,
            1));
    assertThat(all(rendering.decide(), Step.UpdateChild.class))
        .as("a new release of the library restarts no model")
        .isEmpty();
  }

  @Test
  void anotherKindOfWorkloadComesWhenTheOldOneIsGone() {
    Scene scene = new Scene();
    scene.children.remove(ResourceType.DEPLOYMENTS);
    scene.children.put(ResourceType.STATEFULSETS, observed(UID, "input", 1, 1));
    Decision decision = scene.decide();
    assertThat(one(decision, Step.DeleteChild.class).type()).isEqualTo(ResourceType.STATEFULSETS);
    assertThat(all(decision, Step.CreateChild.class)).as("two workloads, twice the GPUs").isEmpty();
  }

  @Test
  void whatIsRefusedBuysNothing() {
    Scene scene = new Scene();
    scene.finalizers = List.of();
    scene.annotations = Map.of();
    scene.intent = new Intent.Refused("unknown preset");
    Decision decision = scene.decide();
    assertThat(decision.steps()).hasSize(1);
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
