package sh.kaito.testkit.behaviour.ownnodes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.provision.ByoProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** Workspaces on nodes that are there already, without an instance type: nothing is bought. */
@KaitoCluster
@Needs(ClusterFeature.EMBEDDED_SERVER)
class OwnNodesTest {

  private static Story story() {
    Story story =
        Story.without(
            settings -> settings.workloads(workloads -> workloads.sockets(false).everyNode(true)));
    story.cluster.startController(settings -> settings.provisioner(ByoProvisioner.create()));
    return story;
  }

  private static Workspace onOwnNodes(String name) {
    return Workspace.builder()
        .apiVersion(ApiVersion.V1BETA1)
        .name(name)
        .resource(nodes -> nodes.matchLabels(Map.of("rack", "gpu")))
        .inference(inference -> inference.preset("phi-3-mini-4k-instruct"))
        .build();
  }

  /** A client that knows that nodes are not bought does not ask for an instance type. */
  private static WorkspaceKey apply(Story story, Workspace workspace) {
    try (WorkspaceClient client =
        WorkspaceClient.builder()
            .transport(story.cluster.transport())
            .scheduler(story.cluster.scheduler())
            .planner(Planner.builder().bringYourOwn(true).build())
            .build()) {
      return story.await(client.applyAsync(story.own(workspace))).key();
    }
  }

  private static final String DISCOVERED =
      """
      "nvidia.com/gpu.product": "NVIDIA-A100-80GB-PCIe", "nvidia.com/gpu.count": "1",
      "nvidia.com/gpu.memory": "81920", "nvidia.com/cuda.compute.major": "8",
      "nvidia.com/cuda.compute.minor": "0"
      """;

  private static void node(Story story, String name) {
    node(story, name, DISCOVERED);
  }

  private static void node(Story story, String name, String gpus) {
    send(
        story,
        KubeRequest.post(
                "/api/v1/nodes",
                """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s", "labels": {
                  "rack": "gpu", "kubernetes.io/hostname": "%s",
                  %s}}}
                """
                    .formatted(name, name, gpus)
                    .getBytes(UTF_8))
            .build());
    send(
        story,
        KubeRequest.patch(
                "/api/v1/nodes/" + name + "/status",
                PatchType.MERGE,
                """
                {"status": {"allocatable": {"nvidia.com/gpu": "1", "cpu": "24", "memory": "200Gi", "pods": "110"},
                  "capacity": {"nvidia.com/gpu": "1", "cpu": "24", "memory": "220Gi", "pods": "110"},
                  "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                    "lastHeartbeatTime": "2026-01-01T00:00:00Z",
                    "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
                """
                    .getBytes(UTF_8))
            .build());
  }

  private static void send(Story story, KubeRequest request) {
    KubeResponse answer = story.send(request);
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  private static String nodeNamed(Story story, String name) {
    return story.send(KubeRequest.get("/api/v1/nodes/" + name).build()).bodyText();
  }

  @Test
  void aNodeIsTakenServesAndIsGivenBackAsItWas() {
    try (Story story = story()) {
      node(story, "rack-1");
      WorkspaceKey key = apply(story, onOwnNodes("chat"));
      story.awaitReady(key);
      assertThat(nodeNamed(story, "rack-1")).contains(KaitoLabels.ASSIGNED_UID);
      assertThat(story.table("/apis/karpenter.sh/v1/nodeclaims")).isEqualTo("No resources found\n");
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought").isZero();
      story.delete(key);
      assertThat(nodeNamed(story, "rack-1"))
          .contains("\"rack\":\"gpu\"")
          .doesNotContain(KaitoLabels.ASSIGNED_UID);
    }
  }

  @Test
  void aNodeThatIsAddedIsFoundAndItsKindIsKnownByItsInstanceType() {
    try (Story story = story()) {
      WorkspaceKey key = apply(story, onOwnNodes("chat"));
      story.time.advance(Duration.ofMinutes(5));
      assertThat(story.status(key)).contains("selects no node").contains("\"type\":\"Stalled\"");
      node(
          story, "aks-own-1", "\"node.kubernetes.io/instance-type\": \"Standard_NC24ads_A100_v4\"");
      story.time.advance(Duration.ofMinutes(5));
      assertThat(story.status(key)).contains("\"state\":\"Ready\"");
      story.delete(key);
    }
  }

  @Test
  void whoFindsTooFewNodesSaysSoAndTakesThemWhenTheyAreFree() {
    try (Story story = story()) {
      node(story, "rack-1");
      WorkspaceKey first = apply(story, onOwnNodes("first"));
      story.awaitReady(first);
      WorkspaceKey second = apply(story, onOwnNodes("second"));
      story.time.advance(Duration.ofMinutes(5));
      assertThat(story.status(second)).contains("0 of them are free");
      story.delete(first);
      story.time.advance(Duration.ofMinutes(5));
      assertThat(story.status(second))
          .contains("\"state\":\"Ready\"")
          .doesNotContain("of them are free");
      story.delete(second);
    }
  }

  @Test
  void aModelOverSeveralNodesIsPlannedForAllOfThem() {
    try (Story story = story()) {
      for (int i = 1; i <= 4; i++) {
        node(story, "rack-" + i);
      }
      makeSecret(story);
      WorkspaceKey key = apply(story, large());
      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.status(key))
          .contains("\"state\":\"Ready\"")
          .contains("\"targetNodeCount\":3");
      story.delete(key);
    }
  }

  @Test
  void aNodeThatCannotBeTakenAtFirstIsTakenLater() {
    try (Story story = story()) {
      for (int i = 1; i <= 3; i++) {
        node(story, "rack-" + i);
      }
      Fault refusal =
          story
              .cluster
              .faults()
              .requests(
                  RequestMatch.builder().addVerbs("patch").resource("nodes").name("rack-3").build())
              .first(2)
              .answer(500, "InternalError", "on purpose");
      makeSecret(story);
      WorkspaceKey key = apply(story, large());
      story.time.advance(Duration.ofMinutes(30));
      assertThat(refusal.struck()).isEqualTo(2);
      assertThat(story.status(key)).contains("\"state\":\"Ready\"");
      story.delete(key);
    }
  }

  private static void makeSecret(Story story) {
    send(
        story,
        KubeRequest.post(
                "/api/v1/namespaces/default/secrets",
                """
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hf"},
                 "stringData": {"HF_TOKEN": "hf_simulated"}}
                """
                    .getBytes(UTF_8))
            .build());
  }

  /** Needs three of these nodes. */
  private static Workspace large() {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: large}
        resource: {labelSelector: {matchLabels: {rack: gpu}}}
        inference:
          preset:
            name: llama-3.3-70b-instruct
            presetOptions: {modelAccessSecret: hf}
        """);
  }
}
