package sh.kaito.testkit.behaviour.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.engine.KaitoMetrics;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** What a controller does can be read from a registry, by few series. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class MetricsTest {
  private final Story story =
      Story.without(cluster -> cluster.nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(2))));
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController controller() {
    return KaitoController.builder(story.cluster.transport())
        .provisioner(ClaimProvisioner::gpuProvisioner)
        .scheduler(story.time)
        .leaderElection("default", "kaito")
        .build();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @Test
  void aStoryInFigures() {
    try (KaitoController controller = controller();
        KaitoMetrics metrics = KaitoMetrics.bind(controller, registry)) {
      assertThat(gauge("kaito.leader")).as("before the start").isZero();
      controller.start();
      story.time.advanceUntil(controller::isLeading, Duration.ofMinutes(1));
      assertThat(gauge("kaito.leader")).isEqualTo(1);
      assertThat(gauge("kaito.ready")).isEqualTo(1);

      WorkspaceKey key = story.apply(Seeds.phi3());
      story.time.advance(Duration.ofSeconds(5));
      assertThat(gauge("kaito.workspace.count", "phase", "pending"))
          .as("a Workspace that starts is no error")
          .isEqualTo(1);
      assertThat(gauge("kaito.workspace.count", "phase", "error")).isZero();
      story.awaitReady(key);
      assertThat(gauge("kaito.workspace.count", "phase", "succeeded")).isEqualTo(1);
      assertThat(registry.get("kaito.nodes.requested").counter().count()).isEqualTo(1);
      assertThat(
              registry
                  .get("kaito.api.requests")
                  .tags("verb", "create", "resource", "nodeclaims", "code", "201")
                  .timer()
                  .count())
          .as("claims that were created")
          .isEqualTo(1);
      assertThat(registry.get("kaito.reconcile").tags("outcome", "wrote").timer().count())
          .isPositive();
      story.time.advance(Duration.ofMinutes(1));
      assertThat(gauge("kaito.queue.depth")).as("keys that wait when all is settled").isZero();

      story.delete(key);
      story.time.advance(Duration.ofMinutes(1));
      assertThat(
              registry.get("kaito.workspace.transitions").tags("to", "deleted").counter().count())
          .isEqualTo(1);
      assertThat(metrics).isNotNull();
    }
    assertThat(registry.getMeters()).as("meters after close()").isEmpty();
  }

  @Test
  void theNumberOfSeriesDoesNotGrowWithTheClusterAndEachIsOnThePage() throws IOException {
    String page = Files.readString(Path.of("../docs/metrics.md"));
    try (KaitoController controller = controller().start();
        KaitoMetrics metrics = KaitoMetrics.bind(controller, registry)) {
      story.time.advanceUntil(controller::isLeading, Duration.ofMinutes(1));
      serveAndDelete("phi-1");
      int few = series().size();
      for (String name : List.of("phi-2", "phi-3", "phi-4", "phi-5")) {
        serveAndDelete(name);
      }
      assertThat(series())
          .as("series after five Workspaces; %s after one, and codes or outcomes seen since", few)
          .hasSizeLessThan(few + 8);
      for (Meter meter : registry.getMeters()) {
        assertThat(page).contains("| `" + meter.getId().getName() + "` |");
        for (Tag tag : meter.getId().getTags()) {
          assertThat(tag.getValue()).doesNotContain("phi", "default");
        }
      }
      assertThat(metrics).isNotNull();
    }
  }

  private void serveAndDelete(String name) {
    WorkspaceKey key = story.apply(Seeds.onA100(name, "phi-3-mini-4k-instruct"));
    story.awaitReady(key);
    story.delete(key);
  }

  private Set<String> series() {
    Set<String> series = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      // How watches end is a matter of time, not of Workspaces.
      if (!meter.getId().getName().equals("kaito.api.watches")) {
        series.add(meter.getId().toString());
      }
    }
    return series;
  }
}
