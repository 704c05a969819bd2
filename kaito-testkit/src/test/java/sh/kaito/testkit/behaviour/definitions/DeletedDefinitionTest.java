package sh.kaito.testkit.behaviour.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** Definitions that are missing, go, and come again while the controller runs. */
@KaitoCluster
@Needs(ClusterFeature.EMBEDDED_SERVER)
class DeletedDefinitionTest {
  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  private static final String WORKSPACES = DEFINITIONS + "/workspaces.kaito.sh";

  @Test
  void withTheDefinitionOfWorkspacesTheirNodesGoAndWhenItIsBackItWorksAgain() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      byte[] definition = withoutServerFields(story, WORKSPACES);

      story.send(KubeRequest.delete(WORKSPACES).build());
      story.time.advance(Duration.ofMinutes(10));
      assertThat(story.cluster.nodes().bill().running())
          .as(
              "the deletion of the definition deletes the Workspaces, and that releases their nodes")
          .isZero();
      assertThat(story.send(KubeRequest.get(WORKSPACES).build()).status())
          .as("no finalizer holds the definition up")
          .isEqualTo(404);

      create(story, definition);
      story.time.advance(Duration.ofMinutes(5));
      WorkspaceKey again = story.apply(Seeds.phi3());
      story.awaitReady(again);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
      story.delete(again);
    }
  }

  @Test
  void aDefinitionThatComesLateIsWaitedForWithoutABusyLoop() {
    try (Story story = Story.begin()) {
      byte[] definition = withoutServerFields(story, WORKSPACES);
      story.stopController();
      story.send(KubeRequest.delete(WORKSPACES).build());
      story.time.advance(Duration.ofMinutes(1));
      story.startControllerWithoutWaiting();
      story.time.advance(Duration.ofHours(1));
      assertThat(story.isControllerReady()).isFalse();
      assertThat(story.requests().total())
          .as("requests in an hour without the definition:%n%s", story.requests())
          .isLessThan(800);
      create(story, definition);
      story.time.advance(Duration.ofMinutes(2));
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.delete(key);
    }
  }

  private static void create(Story story, byte[] definition) {
    KubeResponse answer = story.send(KubeRequest.post(DEFINITIONS, definition).build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  private static byte[] withoutServerFields(Story story, String path) {
    String now = story.send(KubeRequest.get(path).build()).bodyText();
    return now.replaceFirst("\"uid\":\"[^\"]*\",", "")
        .replaceFirst("\"resourceVersion\":\"[^\"]*\",?", "")
        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
