package sh.kaito.testkit.behaviour.deadlines;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;

/** No wait is without end: at its deadline a person is told what it waits for and what to do. */
class DeadlineTest {

  @Test
  void gpusThatNeverShowAreToldWithTheMissingPlugin() {
    try (Story story =
        Story.begin(settings -> settings.nodes(nodes -> nodes.gpuDelay(Duration.ofHours(3))))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.time.advance(Duration.ofMinutes(9));
      assertThat(story.status(key)).doesNotContain("DevicePluginMissing");
      story.time.advance(Duration.ofMinutes(20));
      assertThat(story.status(key)).contains("DevicePluginMissing");
      assertThat(story.table("/api/v1/namespaces/default/events"))
          .contains("Warning")
          .contains("DevicePluginMissing");
      assertThat(story.cluster.nodes().bill().bought()).as("a deadline buys nothing").isEqualTo(1);
      story.time.advance(Duration.ofHours(3));
      story.awaitReady(key);
      assertThat(story.status(key)).doesNotContain("DevicePluginMissing");
    }
  }

  @Test
  void aControllerThatRestartsExtendsNoDeadline() {
    try (Story story =
        Story.begin(settings -> settings.nodes(nodes -> nodes.gpuDelay(Duration.ofHours(3))))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      for (int i = 0; i < 6; i++) {
        story.time.advance(Duration.ofMinutes(5));
        story.stopController();
        story.startController();
      }
      story.time.advance(Duration.ofMinutes(1));
      assertThat(story.status(key)).contains("DevicePluginMissing");
    }
  }

  @Test
  void aModelThatNeverAnswersIsTold() {
    try (Story story =
        Story.begin(
            settings ->
                settings.workloads(
                    workloads -> workloads.sockets(false).weightsDelay(Duration.ofHours(5))))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.time.advance(Duration.ofHours(2));
      assertThat(story.status(key)).contains("ModelLoadTimeout").contains("Stalled");
    }
  }

  @Test
  void aModelThatStartsAnewHasItsTimeToLoadAnew() {
    try (Story story =
        Story.begin(settings -> settings.workloads(workloads -> workloads.sockets(false)))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.time.advance(Duration.ofHours(3));
      story.cluster.workloads().setHealthy("default", onlyPod(story), false);
      story.time.advance(Duration.ofMinutes(20));
      assertThat(story.status(key))
          .as("twenty minutes after it stopped answering, hours after it first loaded")
          .contains("\"state\":\"NotReady\"")
          .doesNotContain("ModelLoadTimeout");
      story.time.advance(Duration.ofHours(2));
      assertThat(story.status(key)).contains("ModelLoadTimeout");
      story.cluster.workloads().setHealthy("default", onlyPod(story), true);
      story.time.advance(Duration.ofMinutes(2));
      assertThat(story.status(key))
          .contains("\"state\":\"Ready\"")
          .doesNotContain("ModelLoadTimeout");
    }
  }

  private static String onlyPod(Story story) {
    String[] lines = story.table("/api/v1/namespaces/default/pods").split("\n", -1);
    return lines[1].substring(0, lines[1].indexOf(' '));
  }
}
