package sh.kaito.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sh.kaito.testkit.assertj.KaitoAssertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.Faults;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** What a test gets from the annotation; all of it runs on a real cluster too, or is skipped. */
@KaitoCluster(controller = true)
class KaitoClusterTest {

  private static Workspace ready(KubeCluster cluster, WorkspaceClient kaito) {
    Workspace workspace = cluster.inNamespace(Seeds.phi3());
    WorkspaceKey key = cluster.await(kaito.applyAsync(workspace)).key();
    cluster.await(kaito.awaitReadyAsync(key, cluster.limit(), progress -> {}));
    return cluster.await(kaito.getAsync(key)).orElseThrow();
  }

  @Test
  void aWorkspaceComesUpOnTheClusterThatThereIs(KubeCluster cluster, WorkspaceClient kaito) {
    Workspace workspace = ready(cluster, kaito);
    assertThat(workspace).isReady().hasCondition("InferenceReady", "True").hasWorkerNodes(1);
    assertThat(cluster).hasBought(1);
    cluster.await(kaito.deleteAsync(workspace.key()));
    cluster.await(kaito.awaitDeletedAsync(workspace.key(), cluster.limit(), progress -> {}));
    assertThat(cluster).hasNoGpuNodes().hasNoWorkspaces().hasNothingRunning();
    assertThat(cluster.nodes().bill()).hasBought(1).costsAtMost(Duration.ofHours(1));
  }

  @Test
  void assertionsThatFailSayWhatIsThere(KubeCluster cluster, WorkspaceClient kaito) {
    Workspace workspace = ready(cluster, kaito);
    assertThatThrownBy(() -> assertThat(workspace).hasCondition("JobStarted", "True"))
        .hasMessageContaining(workspace.key().toString())
        .hasMessageContaining("JobStarted")
        .hasMessageContaining("InferenceReady");
    assertThatThrownBy(() -> assertThat(workspace).hasReason("InferenceReady", "Nonsense"))
        .hasMessageContaining("Nonsense")
        .hasMessageContaining("True");
    assertThatThrownBy(() -> assertThat(cluster).hasNoGpuNodes())
        .hasMessageContaining("GPU node")
        .hasMessageContaining("Standard_NC6s_v3");
    assertThatThrownBy(() -> assertThat(cluster).hasBought(7))
        .hasMessageContaining("Expected 7 machines")
        .hasMessageContaining("still running");
    assertThatThrownBy(() -> assertThat(Seeds.phi3()).isReady())
        .hasMessageContaining("no operator has reported yet");
  }

  @Test
  void timePassesInAMoment(KubeCluster cluster, VirtualScheduler time) {
    var before = time.now();
    time.advance(Duration.ofMinutes(30));
    assertThat(Duration.between(before, time.now())).isEqualTo(Duration.ofMinutes(30));
    assertThat(cluster.has(ClusterFeature.VIRTUAL_TIME)).isTrue();
  }

  @Test
  void requestsFailOnPurpose(KubeCluster cluster, Faults faults) {
    faults.requests(RequestMatch.of("list", "secrets")).answer(503, "ServiceUnavailable", "no");
    assertThat(
            cluster
                .await(cluster.transport().exchange(KubeRequest.get("/api/v1/secrets").build()))
                .status())
        .isEqualTo(503);
  }

  @Test
  @KaitoCluster(http = true, tls = true)
  void anEmbeddedClusterListensWhereItIsAskedTo(KubeApiServer server) {
    assertThat(server.url()).hasScheme("https").hasHost("127.0.0.1");
  }

  @Test
  @Needs(ClusterFeature.MODEL_PROXY)
  void theModelAnswers(KubeCluster cluster, WorkspaceClient kaito) {
    Workspace workspace = ready(cluster, kaito);
    assertThat(cluster.await(kaito.endpoint(workspace.key()).chatAsync("What is Kaito?")))
        .contains("simulated");
  }

  @Test
  void aFeatureThatIsAskedForOnTheWaySkipsTheTest(KubeCluster cluster) {
    cluster.require(ClusterFeature.VIRTUAL_TIME);
    assertThat(cluster.virtualTime().now()).isNotNull();
  }

  @Test
  @KaitoCluster(nodes = false)
  void withoutNodesThereIsNoBill(KubeCluster cluster) {
    assertThatThrownBy(cluster::nodes).hasMessageContaining("simulateNodes(false)");
  }
}
