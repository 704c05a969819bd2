package sh.kaito.testkit.behaviour.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.AdoptionPolicy;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A Workspace of the Go operator is taken over with its nodes and its model. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class AdoptionTest {
  static final String CLAIMS = "/apis/karpenter.sh/v1/nodeclaims";

  static Story story() {
    return Story.without(
        settings ->
            settings.workloads(
                workloads -> workloads.sockets(false).workTime(Duration.ofMinutes(40))));
  }

  static KaitoController controller(Story story, UnaryOperator<KaitoController.Builder> settings) {
    return story.cluster.startController(builder -> settings.apply(builder.alongsideGoOperator()));
  }

  static KaitoController controller(Story story) {
    return controller(story, builder -> builder);
  }

  /** The label that asks for it, and time for it to be done. */
  static void adopt(Story story, WorkspaceKey key) {
    story.await(story.kaito.adoptAsync(key));
    story.time.advance(Duration.ofMinutes(2));
  }

  private static void checkTakenOver(Story story, GoMade go, WorkspaceKey key) {
    Set<String> pods = go.pods();
    Set<String> claims = go.claims();
    JsonNode template = go.get(go.workloadPath()).path("spec");
    int bought = story.cluster.nodes().bill().bought();
    try (KaitoController controller = controller(story)) {
      adopt(story, key);
      JsonNode workspace = go.get(go.workspacePath());
      assertThat(
              workspace.path("metadata").path("annotations").path("java.kaito.sh/nodes").asText())
          .as("the ledger names the claims that were taken over: %s", workspace)
          .contains(claims.iterator().next());
      story.awaitReady(key);
      JsonNode workload = go.get(go.workloadPath());
      assertThat(workload.path("spec")).as("the workload's specification").isEqualTo(template);
      assertThat(workload.path("metadata").path("annotations").has("java.kaito.sh/input-hash"))
          .as("the workload is ours: %s", workload.path("metadata"))
          .isTrue();
      assertThat(go.pods()).as("the pods that ran go on").isEqualTo(pods);
      story.time.advance(Duration.ofHours(1));
      assertThat(go.claims()).as("claims, an hour later").isEqualTo(claims);
      assertThat(go.pods()).as("the pods, an hour later").isEqualTo(pods);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(bought);
      story.delete(key);
    }
    assertThat(go.claims()).as("claims after the deletion").isEmpty();
    assertThat(story.table("/api/v1/nodes")).isEqualTo("No resources found\n");
    assertThat(story.cluster.nodes().bill().running()).isZero();
  }

  @Test
  void aStatefulSetOfTheNewerRelease() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      checkTakenOver(story, go, go.make());
    }
  }

  @Test
  void aModelOnTwoNodes() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-llama-70b");
      checkTakenOver(story, go, go.make());
    }
  }

  @Test
  void aTemplateOfTheUsers() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-template");
      // Nobody plays the server of this template, so nothing may ask it.
      ObjectNode container = (ObjectNode) go.workload().at("/spec/template/spec/containers/0");
      container.remove("readinessProbe");
      checkTakenOver(story, go, go.make());
    }
  }

  @Test
  void aDeploymentOfTheOlderReleaseOnANodeClaim() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.3.1-phi-3-mini").onNodeClaims();
      checkTakenOver(story, go, go.make());
    }
  }

  @Test
  void withoutTheLabelItIsLeftAloneAndSaysHowToAsk() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      JsonNode status = go.get(go.workspacePath()).path("status");
      try (KaitoController controller = controller(story)) {
        story.time.advance(Duration.ofMinutes(10));
        assertThat(story.status(key))
            .contains("MadeByGoOperator")
            .contains("java.kaito.sh/operator=java");
        for (JsonNode condition : status.path("conditions")) {
          assertThat(go.get(go.workspacePath()).path("status").path("conditions"))
              .as("what the Go operator says stands")
              .contains(condition);
        }
      }
    }
  }

  @Test
  void byPolicyAllAreTakenOver() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      try (KaitoController controller =
          controller(story, builder -> builder.adoptionPolicy(AdoptionPolicy.ALL))) {
        story.time.advance(Duration.ofMinutes(2));
        story.awaitReady(key);
        assertThat(story.status(key)).contains("java.kaito.sh/nodes");
      }
    }
  }

  @Test
  void aNodeThatIsMissingIsBoughtAndNoOther() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-llama-70b").withoutWaiting();
      go.claims(
          all -> {
            all.remove(1);
            return all;
          });
      WorkspaceKey key = go.make();
      try (KaitoController controller = controller(story)) {
        adopt(story, key);
        story.awaitReady(key);
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
        assertThat(go.claims()).hasSize(2).contains("wsa8e91bb70");
        story.delete(key);
        assertThat(go.claims()).isEmpty();
      }
    }
  }

  @Test
  void aTrainingThatRunsGoesOnToItsEnd() {
    try (Story story = story()) {
      GoMade go = GoMade.of(story, "v0.12.0-tuning");
      WorkspaceKey key = go.make();
      Set<String> pods = go.pods();
      try (KaitoController controller = controller(story)) {
        adopt(story, key);
        assertThat(story.status(key)).contains("\"state\":\"Running\"");
        assertThat(go.pods()).isEqualTo(pods);
        story.time.advance(Duration.ofHours(3));
        assertThat(story.status(key)).contains("\"state\":\"Succeeded\"").contains("finished");
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
        story.delete(key);
        assertThat(story.cluster.nodes().bill().running()).isZero();
      }
    }
  }

  @Test
  void aTrainingThatHasEndedIsNotRunAgainWithOrWithoutItsJob() {
    for (boolean withJob : new boolean[] {true, false}) {
      try (Story story = story()) {
        GoMade go = GoMade.of(story, "v0.12.0-tuning");
        WorkspaceKey key = go.make();
        story.time.advance(Duration.ofHours(3));
        if (!withJob) {
          story.send(sh.kaito.api.kube.KubeRequest.delete(go.workloadPath()).build());
          story.time.advance(Duration.ofMinutes(1));
        }
        try (KaitoController controller = controller(story)) {
          adopt(story, key);
          story.time.advance(Duration.ofHours(3));
          assertThat(story.status(key)).contains("\"state\":\"Succeeded\"").contains("finished");
          assertThat(story.table("/apis/batch/v1/namespaces/default/jobs").lines().count())
              .as("Jobs, with the header (job was there: %s)", withJob)
              .isEqualTo(withJob ? 2 : 1);
          assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
        }
      }
    }
  }
}
