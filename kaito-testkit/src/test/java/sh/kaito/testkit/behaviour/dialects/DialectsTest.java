package sh.kaito.testkit.behaviour.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.core.provision.NodeClassRef;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.behaviour.Seeds;

/** The same Workspace, from nothing to ready and back, through each kind of claim. */
class DialectsTest {
  private static final Duration LIMIT = Duration.ofHours(1);
  private static final String NODE_CLAIMS = "/apis/karpenter.sh/v1/nodeclaims";
  private static final String MACHINES = "/apis/karpenter.sh/v1alpha5/machines";

  @Test
  void machinesOfTheOldGpuProvisioner() {
    fromNothingToReadyAndBack(
        ClaimProvisioner.machine(), SimulatedCluster.Builder::machines, MACHINES);
  }

  @Test
  void nodeClaimsOfAStockKarpenter() {
    fromNothingToReadyAndBack(
        ClaimProvisioner.karpenter(new NodeClassRef("karpenter.azure.com", "AKSNodeClass", "gpu")),
        UnaryOperator.identity(),
        NODE_CLAIMS);
  }

  @Test
  void nodeClaimsOfGpuProvisioner() {
    fromNothingToReadyAndBack(
        ClaimProvisioner.gpuProvisioner(), UnaryOperator.identity(), NODE_CLAIMS);
  }

  private static void fromNothingToReadyAndBack(
      NodeProvisioner provisioner,
      UnaryOperator<SimulatedCluster.Builder> settings,
      String claims) {
    VirtualScheduler time = VirtualScheduler.seeded(7);
    try (SimulatedCluster cluster =
            settings.apply(SimulatedCluster.builder().onVirtualTime(time)).start();
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport(), time);
        KaitoController controller =
            KaitoController.builder(cluster.transport())
                .provisioner(provisioner)
                .scheduler(time)
                .build()
                .start()) {
      time.advanceUntil("caches are synced", controller::isReady, LIMIT);
      WorkspaceKey key = time.await(kaito.applyAsync(Seeds.phi3()), LIMIT).key();
      time.await(kaito.awaitReadyAsync(key, LIMIT, progress -> {}), LIMIT);
      assertThat(list(time, cluster, claims)).contains("java.kaito.sh/owner-uid");
      assertThat(cluster.nodes().bill().bought()).isEqualTo(1);

      time.await(kaito.deleteAsync(key), LIMIT);
      time.await(kaito.awaitDeletedAsync(key, LIMIT, progress -> {}), LIMIT);
      assertThat(list(time, cluster, claims)).contains("\"items\":[]");
      assertThat(list(time, cluster, "/api/v1/nodes")).contains("\"items\":[]");
      assertThat(cluster.nodes().bill().running()).isZero();
    }
  }

  private static String list(VirtualScheduler time, SimulatedCluster cluster, String path) {
    return time.await(cluster.transport().exchange(KubeRequest.get(path).build()), LIMIT)
        .bodyText();
  }
}
