package sh.kaito.testkit.behaviour.shutdown;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.Valve;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A controller that is closed leaves no thread, no timer and no late request behind. */
@KaitoCluster
class ShutdownTest {

  @Test
  void afterTheEndNothingIsSentAndNothingIsTakenDown() {
    try (Story story = Story.without(settings -> settings)) {
      Valve wire = new Valve(story.cluster.transport());
      KaitoController controller =
          story
              .own(KaitoController.builder(wire))
              .provisioner(ClaimProvisioner::gpuProvisioner)
              .build()
              .start();
      story.time.advanceUntil(controller::isReady, Story.LIMIT);
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.time.await(controller.shutdown(), Duration.ofSeconds(10));
      int before = wire.writes().size();
      story.delete(story.apply(Seeds.onA100("another", "phi-3-mini-4k-instruct")));
      story.pass(Duration.ofHours(1));
      assertThat(wire.writes()).as("writes after the end").hasSize(before);
      assertThat(story.cluster.nodes().bill().running()).as("the model goes on").isEqualTo(1);
      assertThat(controller.readiness().ok()).isFalse();
    }
  }

  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void closedAtAnyMomentItLeavesNoWriteUnderWay() {
    for (int millis = 0; millis < 600; millis += 20) {
      try (Story story = Story.without(settings -> settings)) {
        Valve wire = new Valve(story.cluster.transport());
        KaitoController controller =
            KaitoController.builder(wire)
                .provisioner(ClaimProvisioner::gpuProvisioner)
                .scheduler(story.time)
                .leaderElection("default", "kaito")
                .build()
                .start();
        story.time.advanceUntil(controller::isLeading, Story.LIMIT);
        story.apply(Seeds.phi3());
        story.time.advance(Duration.ofMillis(millis));
        story.time.await(controller.shutdown(), Duration.ofSeconds(10));
        int before = wire.writes().size();
        story.time.advance(Duration.ofMinutes(5));
        assertThat(wire.writes()).as("writes after the end at %s ms", millis).hasSize(before);
      }
    }
  }

  @Test
  void onTheWallClockNoThreadIsLeft(@TempDir Path folder) throws Exception {
    try (SimulatedCluster cluster =
        SimulatedCluster.builder()
            .nodes(
                nodes ->
                    nodes
                        .launchDelay(Duration.ofMillis(100))
                        .registerDelay(Duration.ofMillis(100))
                        .readyDelay(Duration.ofMillis(100))
                        .gpuDelay(Duration.ofMillis(100)))
            .workloads(workloads -> workloads.pullDelay(Duration.ZERO).weightsDelay(Duration.ZERO))
            .start()) {
      Set<String> before = threads();
      try (HttpKubeTransport transport =
              HttpKubeTransport.fromKubeconfig(cluster.writeKubeconfig(folder.resolve("config")));
          WorkspaceClient kaito = WorkspaceClient.create(transport)) {
        KaitoController controller =
            KaitoController.builder(transport)
                .provisioner(ClaimProvisioner::gpuProvisioner)
                .leaderElection("default", "kaito")
                .build()
                .start();
        kaito.apply(Seeds.phi3());
        kaito.awaitReady(Seeds.phi3().key(), Duration.ofMinutes(2));
        controller.close();
        assertThat(controller.terminated().toCompletableFuture().get(10, TimeUnit.SECONDS))
            .isNull();
      }
      Set<String> left = threads();
      left.removeAll(before);
      left.removeIf(name -> !name.startsWith("kaito"));
      assertThat(left).as("threads of the library after close()").isEmpty();
    }
  }

  private static Set<String> threads() {
    Set<String> names = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      names.add(thread.getName());
    }
    return names;
  }
}
