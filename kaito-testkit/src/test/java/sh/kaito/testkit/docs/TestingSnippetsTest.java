package sh.kaito.testkit.docs;

// snippet imports
import static sh.kaito.testkit.assertj.KaitoAssertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.DataSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.testkit.ClaimBehavior;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.Faults;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.StubRegistry;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

// end

/** The code of docs/testing.md; {@link TestingPageTest} compares the texts. */
class TestingSnippetsTest {

  private static Workspace phi3() {
    return Workspace.builder()
        .apiVersion(ApiVersion.V1BETA1)
        .name("phi-3")
        .resource(
            nodes ->
                nodes.instanceType("Standard_NC24ads_A100_v4").matchLabels(Map.of("apps", "phi-3")))
        .inference(inference -> inference.preset("phi-3-mini-4k-instruct"))
        .build();
  }

  // snippet first
  @Test
  @KaitoCluster(controller = true)
  void aModelIsServedAndLeavesNothing(KubeCluster cluster, WorkspaceClient kaito) {
    Workspace workspace = cluster.inNamespace(phi3());
    WorkspaceKey key = workspace.key();

    cluster.await(kaito.applyAsync(workspace));
    cluster.await(kaito.awaitReadyAsync(key, cluster.limit(), progress -> {}));
    assertThat(cluster.await(kaito.getAsync(key)).orElseThrow()).isReady().hasWorkerNodes(1);

    cluster.await(kaito.deleteAsync(key));
    cluster.await(kaito.awaitDeletedAsync(key, cluster.limit(), progress -> {}));
    assertThat(cluster).hasBought(1).hasNoGpuNodes().hasNothingRunning();
  }

  // end

  // snippet time
  @Test
  @KaitoCluster(controller = true)
  void nothingIsPaidForWhileNothingIsAskedFor(KubeCluster cluster, VirtualScheduler time) {
    time.advance(Duration.ofHours(8)); // milliseconds
    assertThat(cluster.nodes().bill()).hasBought(0).costsAtMost(Duration.ZERO);
  }

  // end

  // snippet behaviour
  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void aSlowDevicePluginIsWaitedFor() {
    try (KubeCluster cluster =
        KubeCluster.builder()
            .nodes(
                nodes ->
                    nodes
                        .launchDelay(Duration.ofMinutes(4))
                        .behavior(
                            claim ->
                                ClaimBehavior.builder().gpuDelay(Duration.ofMinutes(5)).build()))
            .workloads(workloads -> workloads.weightsDelay(Duration.ofMinutes(3)))
            .start()) {
      cluster.startController();
      Workspace workspace = cluster.inNamespace(phi3());
      cluster.await(cluster.client().applyAsync(workspace));
      cluster.virtualTime().advance(Duration.ofMinutes(8));
      assertThat(cluster.await(cluster.client().getAsync(workspace.key())).orElseThrow())
          .hasNotCondition("WorkspaceSucceeded");
      cluster.await(
          cluster.client().awaitReadyAsync(workspace.key(), cluster.limit(), progress -> {}));
      assertThat(cluster).hasBought(1);
    }
  }

  // end

  private static Workspace withAdapter(String image) {
    return Workspace.builder()
        .from(phi3())
        .inference(
            inference ->
                inference
                    .preset("phi-3-mini-4k-instruct")
                    .addAdapters(
                        AdapterSpec.builder()
                            .source(DataSource.builder().name("law").image(image).build())
                            .build()))
        .build();
  }

  // snippet registry
  @Test
  @Needs(ClusterFeature.VIRTUAL_TIME)
  void anAdapterComesOutOfItsImage() {
    try (StubRegistry registry = StubRegistry.create();
        KubeCluster cluster =
            KubeCluster.builder()
                .workloads(workloads -> workloads.registry("registry.example.com", registry))
                .start()) {
      cluster.startController();
      Workspace workspace = cluster.inNamespace(withAdapter("registry.example.com/law:1.0"));
      cluster.await(cluster.client().applyAsync(workspace));
      cluster.settle();
      assertThat(cluster.await(cluster.client().getAsync(workspace.key())).orElseThrow())
          .hasReason("InferenceReady", "ImagePullError"); // its message: not found

      registry.putAdapter("registry.example.com/law:1.0");
      cluster.await(
          cluster.client().awaitReadyAsync(workspace.key(), cluster.limit(), progress -> {}));
    }
  }

  // end

  // snippet faults
  @Test
  @KaitoCluster(controller = true)
  void aLostAnswerBuysNothingTwice(KubeCluster cluster, WorkspaceClient kaito, Faults faults) {
    Fault lost =
        faults.requests(RequestMatch.of("create", "nodeclaims.karpenter.sh")).nth(1).resetAfter();
    faults.events(RequestMatch.watches("nodes")).every().delay(Duration.ofSeconds(20));

    Workspace workspace = cluster.inNamespace(phi3());
    cluster.await(kaito.applyAsync(workspace));
    cluster.await(kaito.awaitReadyAsync(workspace.key(), cluster.limit(), progress -> {}));

    assertThat(lost.struck()).as("the answer to the purchase was lost").isEqualTo(1);
    assertThat(cluster).hasBought(1);
  }

  // end

  // snippet server
  @Test
  void anyClientCanBePointedAtIt(@TempDir Path folder) throws IOException {
    try (KubeApiServer server =
        KubeApiServer.builder().tls(true).user("ci", "s3cret", "system:masters").build()) {
      Path kubeconfig = folder.resolve("kubeconfig");
      Files.writeString(kubeconfig, server.kubeconfig("ci")); // for kubectl, too
      try (KubeTransport client = HttpKubeTransport.fromKubeconfig(kubeconfig)) {
        KubeRequest request = KubeRequest.get("/api/v1/namespaces").build();
        assertThat(client.exchange(request).toCompletableFuture().join().status()).isEqualTo(200);
      }
    }
  }

  // end

  // snippet needs
  @Test
  @KaitoCluster(controller = true)
  @Needs(ClusterFeature.MODEL_PROXY)
  void theModelAnswers(KubeCluster cluster, WorkspaceClient kaito) {
    Workspace workspace = cluster.inNamespace(phi3());
    cluster.await(kaito.applyAsync(workspace));
    cluster.await(kaito.awaitReadyAsync(workspace.key(), cluster.limit(), progress -> {}));
    String answer = cluster.await(kaito.endpoint(workspace.key()).chatAsync("What is Kaito?"));
    assertThat(answer).contains("simulated");
  }
  // end
}
