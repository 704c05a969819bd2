package sh.kaito.testkit.behaviour.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;

/** A preset is served, answers, and leaves nothing behind. */
class InferenceTest {
  private static final WorkspaceKey KEY = WorkspaceKey.of("workspace-phi-3-mini");

  @Test
  void theSeedsWorkspaceAnswersOnChat() {
    try (Story story = Story.begin()) {
      story.apply(Seeds.phi3());
      story.awaitReady(KEY);
      assertThat(story.table("/apis/kaito.sh/v1beta1/namespaces/default/workspaces"))
          .contains("NAME", "INSTANCE", "RESOURCEREADY", "INFERENCEREADY", "WORKSPACEREADY")
          .containsPattern("workspace-phi-3-mini +Standard_NC6s_v3 +True +True +True +Ready");
      assertThat(story.table("/api/v1/namespaces/default/services")).contains("80/TCP,29500/TCP");
      assertThat(
              story.time.await(story.kaito.endpoint(KEY).chatAsync("What is Kaito?"), Story.LIMIT))
          .as("the simulated server says that it is simulated")
          .contains("simulated")
          .contains("What is Kaito?");
    }
  }

  @Test
  void readyCostsAtMostEightWritesAndNoReads() {
    try (Story story = Story.begin()) {
      RequestCounts before = story.requests();
      story.apply(Seeds.phi3());
      story.awaitReady(KEY);
      RequestCounts requests = story.requests().since(before);
      assertThat(requests.writes())
          .as("writes from apply to ready:%n%s", requests)
          .isLessThanOrEqualTo(8);
      assertThat(requests.reads()).as("reads from apply to ready:%n%s", requests).isZero();
      assertThat(requests.answered(409)).as("conflicts:%n%s", requests).isZero();
    }
  }

  @Test
  void deletionLeavesNoClaimAndNoNode() {
    try (Story story = Story.begin()) {
      story.apply(Seeds.phi3());
      story.awaitReady(KEY);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      story.delete(KEY);
      assertThat(story.table("/apis/karpenter.sh/v1/nodeclaims")).isEqualTo("No resources found\n");
      assertThat(story.table("/api/v1/nodes")).isEqualTo("No resources found\n");
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }
}
