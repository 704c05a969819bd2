package sh.kaito.testkit.behaviour.inference;

import static sh.kaito.testkit.assertj.KaitoAssertions.assertThat;

import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A preset is served, answers, and leaves nothing behind. */
@KaitoCluster
class InferenceTest {
  @Test
  void theSeedsWorkspaceBecomesReady() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      assertThat(story.table("/apis/kaito.sh/v1beta1/namespaces/default/workspaces"))
          .contains("NAME", "INSTANCE", "RESOURCEREADY", "INFERENCEREADY")
          .containsPattern("workspace-phi-3-mini +Standard_NC6s_v3 +True +True .*True .*Ready");
      assertThat(story.table("/api/v1/namespaces/default/services")).contains("80/TCP,29500/TCP");
    }
  }

  @Test
  @Needs(ClusterFeature.MODEL_PROXY)
  void theSeedsWorkspaceAnswersOnChat() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      assertThat(story.await(story.kaito.endpoint(key).chatAsync("What is Kaito?")))
          .as("the simulated server says that it is simulated")
          .contains("simulated")
          .contains("What is Kaito?");
    }
  }

  @Test
  void readyCostsAtMostEightWritesAndNoReads() {
    try (Story story = Story.begin()) {
      RequestCounts before = story.requests();
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
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
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      story.delete(key);
      assertThat(story.cluster).hasNoNodeClaims().hasNoGpuNodes().hasNothingRunning();
    }
  }
}
