package sh.kaito.testkit.behaviour.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ByoProvisioner;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.core.provision.NodeClassRef;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** What does not fit is not touched, and the status says what to do. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class AdoptionRefusalTest {

  private static void checkRefused(
      Story story, GoMade go, UnaryOperator<KaitoController.Builder> settings, String... message) {
    WorkspaceKey key = go.make();
    checkUntouched(story, go, key, settings, message);
  }

  private static void checkUntouched(
      Story story,
      GoMade go,
      WorkspaceKey key,
      UnaryOperator<KaitoController.Builder> settings,
      String... message) {
    JsonNode workload = go.get(go.workloadPath());
    String claims = versions(story, "/apis/karpenter.sh/v1/nodeclaims");
    Set<String> pods = go.pods();
    int bought = story.cluster.nodes().bill().bought();
    try (KaitoController controller = AdoptionTest.controller(story, settings)) {
      AdoptionTest.adopt(story, key);
      story.time.advance(Duration.ofMinutes(20));
      assertThat(story.status(key)).contains("AdoptionRefused").contains(message);
      assertThat(story.status(key)).doesNotContain("\"java.kaito.sh/nodes\":");
      assertThat(go.get(go.workloadPath()).path("metadata")).isEqualTo(workload.path("metadata"));
      assertThat(versions(story, "/apis/karpenter.sh/v1/nodeclaims"))
          .as("claims and their versions")
          .isEqualTo(claims);
      assertThat(go.pods()).isEqualTo(pods);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(bought);
    }
  }

  private static String versions(Story story, String path) {
    StringBuilder versions = new StringBuilder();
    for (String part :
        story.send(KubeRequest.get(path).build()).bodyText().split("\"metadata\":", -1)) {
      versions.append(part.contains("java.kaito.sh/") ? "ours " : "theirs ");
    }
    return versions.toString();
  }

  @Test
  void moreClaimsThanNodesThatAreNeeded() {
    try (Story story = AdoptionTest.story()) {
      GoMade go =
          GoMade.of(story, "v0.12.0-phi-4-mini")
              .claims(
                  all -> {
                    ObjectNode second = all.get(0).deepCopy();
                    ((ObjectNode) second.get("metadata")).put("name", "ws0123456789");
                    return all.add(second);
                  });
      checkRefused(story, go, builder -> builder, "needs 1 nodes", "ws0123456789", "delete those");
    }
  }

  @Test
  void whatIsInTheWayGoesAndItIsTakenOver() {
    try (Story story = AdoptionTest.story()) {
      GoMade go =
          GoMade.of(story, "v0.12.0-phi-4-mini")
              .claims(
                  all -> {
                    ObjectNode second = all.get(0).deepCopy();
                    ((ObjectNode) second.get("metadata")).put("name", "ws0123456789");
                    return all.add(second);
                  });
      WorkspaceKey key = go.make();
      checkUntouched(story, go, key, builder -> builder, "needs 1 nodes");
      try (KaitoController controller = AdoptionTest.controller(story)) {
        String idle =
            story.send(KubeRequest.get("/api/v1/pods").build()).bodyText().contains("ws0123456789")
                ? "ws374d3c430"
                : "ws0123456789";
        story.send(KubeRequest.delete("/apis/karpenter.sh/v1/nodeclaims/" + idle).build());
        story.time.advance(Duration.ofMinutes(15));
        story.awaitReady(key);
        assertThat(story.status(key)).contains("\"java.kaito.sh/nodes\":");
        assertThat(story.cluster.nodes().bill().running()).isEqualTo(1);
      }
    }
  }

  @Test
  void claimsOfAnotherInstanceType() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      go.workspace().withObject("/resource").put("instanceType", "Standard_NC48ads_A100_v4");
      checkRefused(
          story, go, builder -> builder, "Standard_NC24ads_A100_v4", "set it back to what was");
    }
  }

  @Test
  void aProvisionerThatSpeaksOfMachines() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      checkRefused(
          story,
          go,
          builder -> builder.provisioner(ClaimProvisioner.machine()),
          "machines.karpenter.sh/v1alpha5 is not served by this cluster");
    }
  }

  @Test
  void aStockKarpenter() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      checkRefused(
          story,
          go,
          builder ->
              builder.provisioner(
                  ClaimProvisioner.karpenter(
                      new NodeClassRef("karpenter.azure.com", "AKSNodeClass", "gpu"))),
          "its nodeClassRef is",
          "KaitoNodeClass");
    }
  }

  @Test
  void nodesOfOnesOwn() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      checkRefused(
          story,
          go,
          builder -> builder.provisioner(ByoProvisioner.create()),
          "can neither take nodes over");
    }
  }

  @Test
  void workersThatNoClaimStandsFor() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      String node = go.get(go.workspacePath()).path("status").path("workerNodes").path(0).asText();
      story.send(
          KubeRequest.post(
                  "/api/v1/nodes",
                  "{\"metadata\":{\"name\":\"own\"}}".getBytes(StandardCharsets.UTF_8))
              .build());
      story.send(
          KubeRequest.patch(
                  go.workspacePath() + "/status",
                  PatchType.MERGE,
                  ("{\"status\":{\"workerNodes\":[\"own\",\"" + node + "\"]}}")
                      .getBytes(StandardCharsets.UTF_8))
              .build());
      checkUntouched(story, go, key, builder -> builder, "no claim of it stands for: own");
    }
  }

  @Test
  void aPresetThatNobodyKnows() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      go.workspace().withObject("/inference/preset").put("name", "no-such-model");
      checkRefused(story, go, builder -> builder, "no-such-model");
    }
  }
}
