package sh.kaito.testkit.behaviour.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.plan.Planner;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** Nothing restarts a GPU workload but the user. */
@KaitoCluster
class UpgradeTest {

  @Test
  void aReleaseThatRendersOtherImagesTouchesNoRunningModel() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.stopController();
      story.startController(Planner.builder().imageRegistry("registry.example.org/newer").build());
      story.pass(Duration.ofHours(1));
      assertThat(story.requests().writes())
          .as("requests of the other release:%n%s", story.requests())
          .isZero();
      assertThat(story.table("/apis/apps/v1/namespaces/default/deployments"))
          .containsPattern("workspace-phi-3-mini +1/1");
    }
  }

  @Test
  void choicesThatCannotBeReadAreRefusedAndNotMadeAnew() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.stopController();
      String pinned = "{\"metadata\":{\"annotations\":{\"java.kaito.sh/pinned\":%s}}}";
      patch(story, pinned.formatted("\"{garbled\""));
      story.startController(Planner.builder().imageRegistry("registry.example.org/newer").build());
      story.until(
          "the refusal",
          Duration.ofMinutes(10),
          () -> story.status(key).contains("\"reason\":\"PinnedUnreadable\""));
      assertThat(story.status(key))
          .contains("annotation java.kaito.sh/pinned of deployments/workspace-phi-3-mini")
          .contains("Restore the annotation, or remove it");
      assertThat(story.requests().count("patch", "deployments"))
          .as("writes to what runs:%n%s", story.requests())
          .isZero();
      assertThat(story.table("/apis/apps/v1/namespaces/default/deployments"))
          .containsPattern("workspace-phi-3-mini +1/1");

      patch(story, pinned.formatted("null"));
      story.awaitReady(key);
    }
  }

  private static void patch(Story story, String patch) {
    var answer =
        story.send(
            KubeRequest.patch(
                    "/apis/apps/v1/namespaces/default/deployments/workspace-phi-3-mini",
                    PatchType.MERGE,
                    patch.getBytes(StandardCharsets.UTF_8))
                .build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }
}
