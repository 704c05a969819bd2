package sh.kaito.testkit.behaviour.servedversion;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.behaviour.Seeds.onA100;
import static sh.kaito.testkit.behaviour.Seeds.phi3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.Needs;

/** The definition of Workspaces is replaced under a controller that works. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class ReplacedDefinitionTest {
  private static final String CRD =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + KaitoApi.WORKSPACE_CRD;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Serves one version alone. */
  private static void serve(Story story, String version) throws IOException {
    ObjectNode definition =
        (ObjectNode) JSON.readTree(story.send(KubeRequest.get(CRD).build()).body());
    for (JsonNode each : definition.path("spec").path("versions")) {
      ((ObjectNode) each).put("served", each.path("name").asText().equals(version));
    }
    var answer = story.send(KubeRequest.put(CRD, JSON.writeValueAsBytes(definition)).build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  @Test
  void theVersionThatIsServedNowIsTakenUp() throws IOException {
    try (Story story = Story.without(settings -> settings)) {
      serve(story, "v1alpha1");
      story.startController();
      WorkspaceKey old = story.apply(phi3());
      story.awaitReady(old);

      serve(story, "v1beta1");
      var before = story.requests();
      story.pass(Duration.ofMinutes(10));
      var since = story.requests().since(before);
      assertThat(since.answered(404))
          .as("requests for a version that is gone, in ten minutes:%n%s", since)
          .isLessThan(10);
      assertThat(since.writes())
          .as(
              "the status alone is written, for the fields that the older version lacks:%n%s",
              since)
          .isLessThan(2);

      try (WorkspaceClient kaito =
          WorkspaceClient.create(story.cluster.transport(), story.cluster.scheduler())) {
        WorkspaceKey fresh = story.await(kaito.applyAsync(onA100("chat", "phi-4"))).key();
        story.await(kaito.awaitReadyAsync(fresh, Story.LIMIT, progress -> {}));
        story.await(kaito.deleteAsync(old));
        story.await(kaito.awaitDeletedAsync(old, Story.LIMIT, progress -> {}));
      }
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(2);
      assertThat(story.cluster.nodes().bill().running()).as("nodes that are left").isEqualTo(1);
    }
  }
}
