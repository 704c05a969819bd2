package sh.kaito.testkit.behaviour.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** Read the message, mend the file, apply again. */
@KaitoCluster
class CorrectionTest {

  @Test
  void aWorkspaceThatHasAStatusCanBeChangedThroughTheOlderVersion() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String patch = "{\"metadata\":{\"labels\":{\"team\":\"vision\"}}}";
      KubeResponse answer =
          story.send(
              KubeRequest.patch(
                      "/apis/kaito.sh/v1alpha1/namespaces/default/workspaces/"
                          + key.name()
                          + "?fieldValidation=Strict&fieldManager=kubectl",
                      PatchType.MERGE,
                      patch.getBytes(StandardCharsets.UTF_8))
                  .build());
      assertThat(answer.status()).as(answer.bodyText()).isEqualTo(200);
      story.settle();
      assertThat(story.status(key)).contains("\"state\":\"Ready\"").contains("vision");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }
}
