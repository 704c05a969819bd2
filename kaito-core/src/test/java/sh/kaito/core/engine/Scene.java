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
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.engine.Observation.JobProgress;
import sh.kaito.core.engine.Observation.Marks;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.engine.Observation.Rollout;
import sh.kaito.core.engine.Observation.Trouble;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.plan.Deadlines;
import sh.kaito.core.plan.WorkloadKind;

/** A Workspace as seen: a builder of observations that starts with a settled, ready one. */
final class Scene {
  static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  static final WorkspaceKey KEY = WorkspaceKey.of("chat");
  static final String UID = "280d545f-b5ba-4473-b3e8-5720916011be";
  static final NodeSetKey NODES = new NodeSetKey("default", "chat", UID, "workers");
  static final NodeSetSpec SPEC =
      NodeSetSpec.builder()
          .key(NODES)
          .instanceType("Standard_NC6s_v3")
          .gpusPerNode(1)
          .storage("50Gi")
          .purchaseAllowed(false)
          .build();
  static final Intent.Child SERVICE = child(ResourceType.SERVICES);
  static final Intent.Child DEPLOYMENT = child(ResourceType.DEPLOYMENTS);
  static final Intent.Run RUN = run(WorkloadKind.INFERENCE, SERVICE, DEPLOYMENT);

  static Intent.Run run(WorkloadKind kind, Intent.Child... children) {
    return new Intent.Run(
        kind,
        1,
        SPEC,
        List.of(children),
        List.of(),
        true,
        false,
        Deadlines.builder().build(),
        "requesting 1 x Standard_NC6s_v3");
  }

  static Intent.Child child(ResourceType type) {
    ObjectNode body =
        type.equals(ResourceType.SERVICES)
            ? object("metadata", object(), "spec", object("type", "ClusterIP"))
            : object(
                "metadata",
                object(),
                "spec",
                object("replicas", 1, "template", object("spec", object("dnsPolicy", "Default"))));
    return new Intent.Child(
        new ChildKey(type, "chat"), "input", "rendered", body, live -> List.of());
  }

  boolean deleting;
  List<String> finalizers = List.of(Decide.FINALIZER);
  Map<String, String> annotations = Map.of(Decide.LEDGER, Ledger.first("Standard_NC6s_v3").write());
  JsonNode status = object();
  Intent intent = RUN;
  NodeSetStatus nodes = nodes(NodePhase.READY, false);
  Map<ChildKey, ObservedChild> children = new HashMap<>();
  Map<ChildKey, String> settled = Map.of();
  String missing = "";
  String refusal = "";
  String handoverProblem = "";
  Map<String, String> labels = Map.of();
  List<ObservedPod> pods = List.of(pod(true, false, Trouble.NONE));
  boolean ownedFromBirth = true;
  boolean ensured = true;

  Scene() {
    put(observed(ResourceType.SERVICES, UID, "input", 0, 0));
    put(observed(UID, "input", 1, 1));
  }

  void put(ObservedChild child) {
    children.put(child.key(), child);
  }

  Observation observation() {
    ObservedWorkspace workspace =
        new ObservedWorkspace(
            KEY,
            "kaito.sh/v1beta1",
            UID,
            "17",
            1,
            deleting,
            finalizers,
            labels,
            annotations,
            status);
    return new Observation(
        workspace,
        intent,
        nodes,
        children,
        pods,
        new Observation.Memory(
            ownedFromBirth, ensured, Optional.empty(), "", missing, refusal, "", "", settled),
        Operation.of(workspace, AdoptionPolicy.ON_REQUEST),
        handoverProblem);
  }

  Decision decide() {
    return Decide.decide(observation(), NOON, NOON.minusSeconds(1));
  }

  static ObservedChild observed(String owner, String hash, int replicas, int ready) {
    return observed(ResourceType.DEPLOYMENTS, owner, hash, replicas, ready);
  }

  static ObservedChild observed(
      ResourceType type, String owner, String hash, int replicas, int ready) {
    return observed(type, owner, hash, "rendered", replicas, ready, "");
  }

  static ObservedChild observed(
      ResourceType type,
      String owner,
      String hash,
      String rendered,
      int replicas,
      int ready,
      String spec) {
    String shown =
        !spec.isEmpty()
            ? spec
            : type.equals(ResourceType.SERVICES)
                ? "{\"type\":\"ClusterIP\",\"clusterIP\":\"10.0.0.7\"}"
                : "{\"replicas\":"
                    + replicas
                    + ",\"template\":{\"spec\":{\"dnsPolicy\":\"Default\"}}}";
    return new ObservedChild(
        new ChildKey(type, "chat"),
        "child-uid",
        "3",
        owner,
        false,
        new Marks(
            hash, hash.isEmpty() ? "" : rendered, type.equals(ResourceType.SERVICES) ? "" : "{}"),
        new Rollout(1, 1, replicas, ready, ready),
        Optional.empty(),
        shown);
  }

  static ObservedChild job(String input, String end, String message) {
    ObservedChild job = observed(ResourceType.JOBS, UID, input, 0, 0);
    return new ObservedChild(
        job.key(),
        job.uid(),
        job.resourceVersion(),
        job.ownerUid(),
        false,
        job.marks(),
        Rollout.IMMEDIATE,
        Optional.of(new JobProgress(end.isEmpty() ? 1 : 0, 0, end, message)),
        job.spec());
  }

  static ObservedPod pod(boolean ready, boolean deleting, Trouble trouble) {
    return new ObservedPod(
        "chat-0", "", ready, deleting, ready, Optional.empty(), Optional.empty(), trouble);
  }

  static NodeSetStatus nodes(NodePhase phase, boolean lost) {
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

  static <T extends Step> List<T> all(Decision decision, Class<T> type) {
    return decision.steps().stream().filter(type::isInstance).map(type::cast).toList();
  }

  static <T extends Step> T one(Decision decision, Class<T> type) {
    assertThat(all(decision, type)).as("steps %s", decision.steps()).hasSize(1);
    return all(decision, type).get(0);
  }

  static String condition(ObjectNode patch, String type) {
    for (JsonNode condition : patch.path("status").path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText();
      }
    }
    return "absent";
  }
}
