package sh.kaito.testkit.behaviour.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/**
 * Whatever somebody does to labels, annotations and finalizers, no node is bought twice or leaked.
 */
@KaitoCluster
class OwnershipTest {
  private static final String WORKSPACE =
      "/apis/kaito.sh/v1beta1/namespaces/default/workspaces/workspace-phi-3-mini";

  @Test
  void aClaimWhoseLabelsWereTakenOffIsNotBoughtAgain() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String claim = story.cluster.nodes().bill().purchases().get(0).claim();
      merge(
          story,
          "/apis/karpenter.sh/v1/nodeclaims/" + claim,
          "{\"metadata\":{\"labels\":{\"java.kaito.sh/owner-uid\":null}}}");
      story.pass(Duration.ofMinutes(30));
      assertThat(story.cluster.nodes().bill().bought())
          .as("the claim exists; only its label is gone")
          .isEqualTo(1);
    }
  }

  @Test
  void aDroppedLedgerBuysAndDeletesNothing() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      merge(story, WORKSPACE, "{\"metadata\":{\"annotations\":{\"java.kaito.sh/nodes\":null}}}");
      story.pass(Duration.ofMinutes(30));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      assertThat(story.cluster.nodes().bill().running()).isEqualTo(1);
    }
  }

  @Test
  void aWorkspaceWhoseFinalizerWasTakenOffByForceLeaksNoNode() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.stopController();
      story.await(story.kaito.deleteAsync(key));
      story.startController();
      merge(story, WORKSPACE, "{\"metadata\":{\"finalizers\":null}}");
      story.pass(Duration.ofMinutes(30));
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  @Test
  void aNamesakeGetsANodeOfItsOwnAndTheOldOneGoes() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      merge(story, WORKSPACE, "{\"metadata\":{\"finalizers\":null}}");
      story.await(story.kaito.deleteAsync(key));
      story.apply(Seeds.phi3());
      story.pass(Duration.ofMinutes(30));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
      assertThat(story.cluster.nodes().bill().running())
          .as("the node of the namesake alone")
          .isEqualTo(1);
    }
  }

  @Test
  void aDeploymentOfSomebodyElseIsLeftAloneAndSaidSo() {
    try (Story story = Story.begin()) {
      String foreign =
          """
          {"apiVersion":"v1","kind":"Service","metadata":{"name":"workspace-phi-3-mini"},
           "spec":{"ports":[{"port":1234}],"selector":{"app":"other"}}}
          """;
      story.send(
          KubeRequest.post(
                  "/api/v1/namespaces/default/services", foreign.getBytes(StandardCharsets.UTF_8))
              .build());
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.pass(Duration.ofMinutes(10));
      assertThat(story.status(key)).contains("belongs to somebody else");
      assertThat(story.table("/api/v1/namespaces/default/services")).contains("1234/TCP");
    }
  }

  private static void merge(Story story, String path, String patch) {
    KubeResponse answer =
        story.send(
            KubeRequest.patch(path, PatchType.MERGE, patch.getBytes(StandardCharsets.UTF_8))
                .build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void nodesOfAWorkspaceThatVanishedWhileNobodyLookedAreCollected() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      WorkspaceKey other = story.apply(Seeds.onA100("chat", "phi-4"));
      story.awaitReady(key);
      story.awaitReady(other);
      story.stopController();
      story.await(story.kaito.deleteAsync(key));
      merge(story, WORKSPACE, "{\"metadata\":{\"finalizers\":null}}");
      story.pass(Duration.ofMinutes(5));
      assertThat(story.cluster.nodes().bill().running()).isEqualTo(2);
      story.startController();
      story.pass(Duration.ofMinutes(30));
      assertThat(story.cluster.nodes().bill().running())
          .as("the node of the Workspace that is left")
          .isEqualTo(1);
      story.awaitReady(other);
    }
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void aWorkspaceThatOwnsNothingIsEnoughToTellThatTheDefinitionWasNotWiped() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      WorkspaceKey refused =
          story.apply(
              Seeds.onA100("waiting", "phi-4").toBuilder()
                  .inference(inference -> inference.preset("phi-4").config("is-not-there"))
                  .build());
      story.awaitReady(key);
      story.stopController();
      story.await(story.kaito.deleteAsync(key));
      merge(story, WORKSPACE, "{\"metadata\":{\"finalizers\":null}}");
      story.startController();
      story.pass(Duration.ofMinutes(30));
      assertThat(story.cluster.nodes().bill().running()).isZero();
      story.delete(refused);
    }
  }

  @Test
  @Needs(ClusterFeature.EMBEDDED_SERVER)
  void anAnswerThatNamesNoObjectIsNoProofThatItIsGone() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      // What a server says whose definitions are being established anew.
      KubeResponse none = json(200, listWithout(story));
      KubeResponse notServed = json(404, "404 page not found");
      Fault empty = story.cluster.faults().requests(of("list")).first(1).answer(none);
      Fault looks = story.cluster.faults().requests(of("get")).every().answer(notServed);
      story.cluster.faults().expireWatches(of("watch"));
      story.time.advance(Duration.ofMinutes(20));
      assertThat(empty.struck()).as("lists that show no Workspace").isEqualTo(1);
      assertThat(looks.struck()).as("live looks").isPositive();
      assertThat(story.cluster.nodes().bill().running())
          .as("the node of a Workspace that only seems to be gone")
          .isEqualTo(1);
      story.cluster.faults().clear();
      story.cluster.faults().expireWatches(of("watch"));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }

  /** The list of Workspaces as it is now, without the Workspaces. */
  private static String listWithout(Story story) {
    String list =
        story.send(KubeRequest.get("/apis/kaito.sh/v1beta1/workspaces").build()).bodyText();
    return list.substring(0, list.indexOf("\"items\":[")) + "\"items\":[]}";
  }

  private static RequestMatch of(String verb) {
    return RequestMatch.builder()
        .addVerbs(verb)
        .resource("workspaces.kaito.sh")
        .userAgent(Story.CONTROLLER)
        .build();
  }

  private static KubeResponse json(int status, String body) {
    return KubeResponse.of(
        status,
        Map.of("Content-Type", List.of("application/json")),
        body.getBytes(StandardCharsets.UTF_8));
  }
}
