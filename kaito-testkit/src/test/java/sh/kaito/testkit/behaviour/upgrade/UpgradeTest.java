package sh.kaito.testkit.behaviour.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
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
}
