package sh.kaito.testkit.behaviour.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A Workspace goes after its last node, in whatever phase it is deleted. */
@KaitoCluster
class DeletionTest {

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void deletedAtAnyMomentItLeavesNothing() {
    for (int seconds : new int[] {0, 1, 5, 30, 90, 200, 400, 900}) {
      try (Story story =
          Story.begin(
              cluster -> cluster.nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(3))))) {
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.time.advance(Duration.ofSeconds(seconds));
        story.delete(key);
        assertThat(story.table("/apis/karpenter.sh/v1/nodeclaims"))
            .as("claims after a deletion at %s s", seconds)
            .isEqualTo("No resources found\n");
        assertThat(story.table("/api/v1/nodes"))
            .as("nodes after a deletion at %s s", seconds)
            .isEqualTo("No resources found\n");
        assertThat(story.cluster.nodes().bill().running())
            .as("machines that are still paid for after a deletion at %s s", seconds)
            .isZero();
      }
    }
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void theWorkspaceIsThereAsLongAsItsNodeIs() {
    try (Story story =
        Story.begin(
            cluster -> cluster.nodes(nodes -> nodes.terminationDelay(Duration.ofMinutes(8))))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.await(story.kaito.deleteAsync(key));
      story.time.advance(Duration.ofMinutes(7));
      assertThat(story.table("/apis/kaito.sh/v1beta1/namespaces/default/workspaces"))
          .as("the finalizer holds the workspace until the node is gone")
          .contains("workspace-phi-3-mini");
      story.await(story.kaito.awaitDeletedAsync(key, Story.LIMIT, progress -> {}));
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  @Test
  void deletionIsNotSlowedForNothing() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.await(story.kaito.deleteAsync(key));
      story.time.advanceUntil(
          "the node is gone", () -> story.cluster.nodes().bill().running() == 0, Story.LIMIT);
      Instant gone = story.time.now();
      story.await(story.kaito.awaitDeletedAsync(key, Story.LIMIT, progress -> {}));
      assertThat(Duration.between(gone, story.time.now()))
          .as("from the last node to the end of the workspace")
          .isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  @Needs(ClusterFeature.EMBEDDED_SERVER)
  void withoutTheCrdOfClaimsNothingIsBoughtAndNothingHoldsTheDeletionUp() {
    try (Story story = Story.begin(cluster -> cluster.crds(KaitoCrds.all()))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.settle();
      assertThat(story.status(key))
          .contains("ClaimApiMissing")
          .contains("install the provisioner's CRDs");
      story.delete(key);
    }
  }

  @Test
  @Needs(ClusterFeature.EMBEDDED_SERVER)
  void rightsThatADeletionDoesNotNeedKeepNoNode() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.stopController();
      for (String resource : new String[] {"pods", "configmaps", "services", "jobs.batch"}) {
        story
            .cluster
            .faults()
            .requests(
                RequestMatch.builder()
                    .addVerbs("list", "watch")
                    .resource(resource)
                    .userAgent(Story.CONTROLLER)
                    .build())
            .every()
            .answer(403, "Forbidden", resource + " is forbidden");
      }
      story.startControllerWithoutWaiting();
      story.pass(Duration.ofMinutes(1));
      assertThat(story.isControllerReady()).as("it says that it misses something").isFalse();
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 409, 429, 500, 503})
  @Needs(ClusterFeature.EMBEDDED_SERVER)
  void whateverIsAnsweredToADeletionItIsGoneInTheEnd(int status) {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      Fault refusal =
          story
              .cluster
              .faults()
              .requests(RequestMatch.of("delete", "nodeclaims.karpenter.sh"))
              .first(1)
              .answer(status, "Refused", "on purpose");
      story.delete(key);
      assertThat(refusal.struck()).isEqualTo(1);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }
}
