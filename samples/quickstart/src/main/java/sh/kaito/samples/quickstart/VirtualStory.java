package sh.kaito.samples.quickstart;

import java.time.Duration;
import java.time.Instant;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/**
 * The same story as a unit test tells it: cluster, controller and client share one virtual clock,
 * and the minutes that a node takes pass at once.
 *
 * @param told how much time passed in the story, from apply to the proof that no node is left
 * @param took how long that took here
 */
record VirtualStory(Duration told, Duration took) {
  private static final Duration LIMIT = Duration.ofHours(1);

  static VirtualStory tell(Workspace workspace) {
    long begun = System.nanoTime();
    VirtualScheduler time = VirtualScheduler.seeded(1);
    try (SimulatedCluster cluster =
            SimulatedCluster.builder()
                .onVirtualTime(time)
                .nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(5)))
                .workloads(workloads -> workloads.pullDelay(Duration.ofMinutes(10)))
                .start();
        KaitoController controller =
            KaitoController.builder(cluster.transport())
                .provisioner(ClaimProvisioner.gpuProvisioner())
                .scheduler(time)
                .build()
                .start();
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport(), time)) {
      time.advanceUntil(controller::isReady, LIMIT);
      Instant from = time.now();
      time.await(kaito.applyAsync(workspace), LIMIT);
      time.await(kaito.awaitReadyAsync(workspace.key(), LIMIT, progress -> {}), LIMIT);
      time.await(kaito.endpoint(workspace.key()).chatAsync("What is Kaito?"), LIMIT);
      time.await(kaito.deleteAsync(workspace.key()), LIMIT);
      time.await(kaito.awaitDeletedAsync(workspace.key(), LIMIT, progress -> {}), LIMIT);
      return new VirtualStory(
          Duration.between(from, time.now()), Duration.ofNanos(System.nanoTime() - begun));
    }
  }
}
