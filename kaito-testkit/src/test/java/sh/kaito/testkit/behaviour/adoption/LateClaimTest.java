package sh.kaito.testkit.behaviour.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** The Go operator's last claim comes after its Workspace was taken over. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class LateClaimTest {
  private static KaitoController controller(
      Story story, BiFunction<KubeRequest, KubeTransport, CompletionStage<KubeResponse>> way) {
    return KaitoController.builder(new Wire(story.cluster.transport(), way))
        .provisioner(ClaimProvisioner.gpuProvisioner())
        .scheduler(story.time)
        .alongsideGoOperator()
        .build()
        .start();
  }

  private static KubeRequest post(JsonNode claim) {
    return KubeRequest.post(
            AdoptionTest.CLAIMS + "?fieldManager=kaito-workspace",
            claim.toString().getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private static boolean turnsOver(KubeRequest request) {
    return request.method().equals("PATCH")
        && request.path().contains("/workspaces/")
        && new String(request.body(), StandardCharsets.UTF_8).contains("adopted");
  }

  private static JsonNode without(GoMade go, int index) {
    JsonNode[] claim = new JsonNode[1];
    go.claims(
        all -> {
          claim[0] = all.remove(index);
          return all;
        });
    return claim[0];
  }

  @Test
  void itIsUsedAndNoOtherIsBought() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-llama-70b").withoutWaiting();
      JsonNode second = without(go, 1);
      WorkspaceKey key = go.make();
      AtomicBoolean sent = new AtomicBoolean();
      try (KaitoController controller =
          controller(
              story,
              (request, cluster) ->
                  cluster
                      .exchange(request)
                      .thenCompose(
                          answer ->
                              turnsOver(request) && sent.compareAndSet(false, true)
                                  ? cluster.exchange(post(second)).thenApply(late -> answer)
                                  : CompletableFuture.completedFuture(answer)))) {
        AdoptionTest.adopt(story, key);
        assertThat(sent).as("its claim was sent").isTrue();
        story.awaitReady(key);
        assertThat(go.claims()).hasSize(2);
        assertThat(story.cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(2);
        assertThat(story.status(key)).as("the ledger").contains(name(second));
        story.delete(key);
        assertThat(go.claims()).isEmpty();
        assertThat(story.cluster.nodes().bill().running()).isZero();
      }
    }
  }

  private static String name(JsonNode claim) {
    return claim.path("metadata").path("name").asText();
  }

  @Test
  void oneThatIsTooManyGoesWithTheWorkspace() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-llama-70b");
      WorkspaceKey key = go.make();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
        go.makeClaim("ws123456789");
        story.time.advance(Duration.ofMinutes(20));
        assertThat(story.cluster.nodes().bill().running()).isEqualTo(3);
        story.delete(key);
        assertThat(story.cluster.nodes().bill().running())
            .as("nodes that run when the Workspace is gone")
            .isZero();
        assertThat(go.claims()).isEmpty();
      }
    }
  }
}
