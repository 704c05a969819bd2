package sh.kaito.testkit.behaviour.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;

/** Read the message, mend the file, apply again. */
class CorrectionTest {

  @Test
  void aWorkspaceThatHasAStatusCanBeChangedThroughTheOlderVersion() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String patch = "{\"metadata\":{\"labels\":{\"team\":\"vision\"}}}";
      KubeResponse answer =
          story.time.await(
              story
                  .cluster
                  .transport()
                  .exchange(
                      KubeRequest.patch(
                              "/apis/kaito.sh/v1alpha1/namespaces/default/workspaces/"
                                  + key.name()
                                  + "?fieldValidation=Strict&fieldManager=kubectl",
                              PatchType.MERGE,
                              patch.getBytes(StandardCharsets.UTF_8))
                          .build()),
              Story.LIMIT);
      assertThat(answer.status()).as(answer.bodyText()).isEqualTo(200);
      story.time.advance(Duration.ofMinutes(1));
      assertThat(story.status(key)).contains("\"state\":\"Ready\"").contains("vision");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }
}
