package sh.kaito.testkit.behaviour.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/**
 * On GPUs of compute capability 8.0 and above vLLM serves: one StatefulSet, one Service, OpenAI.
 */
@KaitoCluster
class VllmTest {

  @Test
  @Needs(ClusterFeature.MODEL_PROXY)
  void phi3OnAnA100SpeaksTheOpenAiRoutes() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.onA100("phi-3-vllm", "phi-3-mini-4k-instruct"));
      story.awaitReady(key);
      assertThat(story.table("/apis/apps/v1/namespaces/default/statefulsets"))
          .containsPattern("phi-3-vllm +1/1");
      assertThat(story.table("/api/v1/namespaces/default/services"))
          .contains(" 80/TCP ")
          .doesNotContain("29500");
      assertThat(story.await(story.kaito.endpoint(key).chatAsync("What is Kaito?")))
          .contains("simulated")
          .contains("What is Kaito?");
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  @Test
  @Needs(ClusterFeature.MODEL_PROXY)
  void twoWorkspacesGetTwoNodesAndEachItsOwn() {
    try (Story story = Story.begin()) {
      WorkspaceKey one = story.apply(Seeds.onA100("one", "phi-3-mini-4k-instruct"));
      WorkspaceKey two = story.apply(Seeds.onA100("two", "phi-3-mini-128k-instruct"));
      story.awaitReady(one);
      story.awaitReady(two);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
      story.delete(one);
      assertThat(story.cluster.nodes().bill().running())
          .as("the node of the other workspace stays")
          .isEqualTo(1);
      assertThat(story.await(story.kaito.endpoint(two).chatAsync("Still there?")))
          .contains("Still there?");
    }
  }
}
