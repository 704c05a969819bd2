package sh.kaito.testkit.behaviour.manyworkspaces;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.core.plan.Planner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/**
 * A hundred Workspaces: what each costs, that none waits for the others, and what a restart costs.
 */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class HundredWorkspacesTest {
  private static final int COUNT = 100;

  @Test
  void eachCostsEightWritesAndARestartOrAnotherReleaseNone() {
    try (Story story =
        Story.begin(settings -> settings.workloads(workloads -> workloads.sockets(false)))) {
      List<WorkspaceKey> keys = new ArrayList<>();
      for (int i = 0; i < COUNT; i++) {
        keys.add(story.apply(Seeds.onA100("model-" + i, "phi-3-mini-4k-instruct")));
      }
      Instant applied = story.time.now();
      story.awaitReady(keys.get(0));
      Duration first = Duration.between(applied, story.time.now());
      keys.forEach(story::awaitReady);
      story.pass(Duration.ofMinutes(1));
      RequestCounts made = story.requests();
      assertThat(made.writes())
          .as("writes for %s Workspaces:%n%s", COUNT, made)
          .isLessThanOrEqualTo(8 * COUNT);
      assertThat(made.count("get")).as("reads of single objects:%n%s", made).isLessThan(10);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(COUNT);
      assertThat(first)
          .as("the first is ready after its own time, not after all the others")
          .isLessThan(Duration.ofMinutes(15));

      story.stopController();
      story.startController();
      story.pass(Duration.ofMinutes(30));
      assertSilent(story.requests(), "a restart");

      story.stopController();
      story.startController(Planner.builder().imageRegistry("registry.example.org/newer").build());
      story.pass(Duration.ofMinutes(30));
      assertSilent(story.requests(), "another release of the library");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(COUNT);
    }
  }

  private static void assertSilent(RequestCounts counts, String why) {
    assertThat(counts.writes()).as("writes of %s:%n%s", why, counts).isZero();
    assertThat(counts.total() - counts.count("list") - counts.count("watch"))
        .as("requests of %s besides lists, watches and two of discovery:%n%s", why, counts)
        .isLessThanOrEqualTo(4);
  }
}
