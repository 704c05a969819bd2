package sh.kaito.testkit.behaviour.nodeloss;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.NodeBill;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A node that is lost is replaced, three times an hour and no more. */
@KaitoCluster
class NodeLossTest {

  @Test
  void aVanishedClaimIsReplacedUnderANewName() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String lost = loseTheNode(story);
      story.cluster.awaitUntil(
          "a second node was bought", () -> story.cluster.nodes().bill().bought() == 2);
      story.pass(Duration.ofMinutes(30));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
      assertThat(running(story)).isNotEqualTo(lost);
    }
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void afterThreeReplacementsWithinAnHourAPersonIsAsked() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      for (int loss = 0; loss < 4; loss++) {
        loseTheNode(story);
        story.time.advance(Duration.ofMinutes(5));
      }
      assertThat(story.cluster.nodes().bill().bought())
          .as("the first node and three replacements")
          .isEqualTo(4);
      assertThat(story.status(key)).contains("NodeReplacementsExhausted");
      story.time.advance(Duration.ofHours(1));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).as("the hour is over").isEqualTo(5);
    }
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void whoHasHadItsThreeReplacementsAndRunsIsNotExhausted() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      for (int loss = 0; loss < 3; loss++) {
        loseTheNode(story);
        story.time.advance(Duration.ofMinutes(1));
        assertThat(story.status(key))
            .as("after loss %s of three that are made good", loss + 1)
            .doesNotContain("NodeReplacementsExhausted");
        story.awaitReady(key);
      }
      assertThat(story.status(key)).doesNotContain("NodeReplacementsExhausted");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(4);
    }
  }

  private static String loseTheNode(Story story) {
    String claim = running(story);
    story.send(KubeRequest.delete("/apis/karpenter.sh/v1/nodeclaims/" + claim).build());
    return claim;
  }

  private static String running(Story story) {
    return story.cluster.nodes().bill().purchases().stream()
        .filter(purchase -> purchase.until().isEmpty())
        .map(NodeBill.Purchase::claim)
        .findFirst()
        .orElseThrow();
  }
}
