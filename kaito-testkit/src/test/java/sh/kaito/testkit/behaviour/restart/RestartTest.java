package sh.kaito.testkit.behaviour.restart;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A controller that is restarted, at whatever moment, buys nothing twice and disturbs nothing. */
@KaitoCluster
class RestartTest {

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void aControllerRestartedEveryTwentySecondsBuysOneNode() {
    try (Story story =
        Story.begin(cluster -> cluster.nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(5))))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      for (int restart = 0; restart < 20; restart++) {
        story.time.advance(Duration.ofSeconds(20));
        story.stopController();
        story.startController();
      }
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought())
          .as("nodes bought, with 20 restarts on the way")
          .isEqualTo(1);
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void aCrashAtAnyMomentOfTheFirstSecondBuysOneNode() {
    for (int millis = 0; millis <= 1000; millis += 50) {
      try (Story story = Story.begin()) {
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.time.advance(Duration.ofMillis(millis));
        story.stopController();
        story.time.advance(Duration.ofMinutes(1));
        story.startController();
        story.awaitReady(key);
        assertThat(story.cluster.nodes().bill().bought())
            .as("nodes bought after a crash at %s ms", millis)
            .isEqualTo(1);
      }
    }
  }

  @Test
  void aRestartOverAReadyWorkspaceWritesNothing() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.settle();
      story.stopController();
      story.startController();
      story.settle();
      assertThat(story.requests().writes())
          .as("requests of the new controller:%n%s", story.requests())
          .isZero();
    }
  }

  @Test
  void aSettledWorkspaceCostsNoRequest() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.pass(Duration.ofMinutes(1));
      var before = story.requests();
      story.pass(Duration.ofHours(1));
      var hour = story.requests().since(before);
      assertThat(hour.total() - hour.count("watch"))
          .as("requests besides watches in an hour:%n%s", hour)
          .isZero();
    }
  }

  @Test
  void aNodeThatVanishedWhileNobodyLookedIsReplacedAndCounted() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String claim = story.cluster.nodes().bill().purchases().get(0).claim();
      story.stopController();
      story.time.await(
          story
              .cluster
              .transport()
              .exchange(KubeRequest.delete("/apis/karpenter.sh/v1/nodeclaims/" + claim).build()),
          Story.LIMIT);
      story.time.advance(Duration.ofMinutes(30));
      story.startController();
      story.time.advance(Duration.ofMinutes(1));
      assertThat(story.status(key))
          .as("the replacement is on record, or a crash loop would buy without limit")
          .contains("replaced");
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }
}
