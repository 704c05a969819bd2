package sh.kaito.testkit.behaviour.inference;

import static sh.kaito.testkit.assertj.KaitoAssertions.assertThat;

import java.util.List;
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
      RequestCounts start = story.requests();
      story.awaitReady(story.apply(Seeds.phi3()));
      RequestCounts first = story.requests().since(start);
      assertThat(first.writes()).as("writes to ready:%n%s", first).isLessThanOrEqualTo(8);
      assertThat(first.reads())
          .as("reads besides one list per kind for the first of a namespace:%n%s", first)
          .isEqualTo(first.count("list"))
          .isLessThanOrEqualTo(4);
      for (String kind : List.of("resourcequotas", "limitranges", "namespaces", "daemonsets")) {
        assertThat(first.count("list", kind)).as("lists of %s:%n%s", kind, first).isOne();
      }
      assertThat(first.answered(409)).as("conflicts:%n%s", first).isZero();

      RequestCounts before = story.requests();
      story.awaitReady(story.apply(Seeds.onA100("next", "phi-4")));
      RequestCounts next = story.requests().since(before);
      assertThat(next.writes()).as("writes to ready:%n%s", next).isLessThanOrEqualTo(8);
      assertThat(next.reads()).as("reads of the next in the namespace:%n%s", next).isZero();
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
