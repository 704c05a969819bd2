package sh.kaito.testkit.behaviour.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceException;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** Bad input gets a clear error before anything is created, whichever door it comes through. */
@KaitoCluster
class BadInputTest {
  private static final String MISSPELT =
      """
      apiVersion: kaito.sh/v1alpha1
      kind: Workspace
      metadata:
        name: wrong
      resource:
        instanceType: Standard_NC6s_v33
        labelSelector:
          matchLabels: {apps: wrong}
      inference:
        preset:
          name: phi-3-mini-4k-instrukt
      """;

  @Test
  void aMisspeltFieldIsRefusedByTheReaderWithItsPlace() {
    WorkspaceReadException refused =
        catchThrowableOfType(
            WorkspaceReadException.class,
            () -> Workspaces.read(MISSPELT.replace("instanceType", "instanceTyp")));
    assertThat(refused).hasMessageContaining("6:").hasMessageContaining("instanceType");
  }

  @Test
  void misspeltNamesAreRefusedByTheClientWithTheNearestAndSentNowhere() {
    try (Story story = Story.begin()) {
      WorkspaceException refused =
          (WorkspaceException) Story.causeOf(() -> story.apply(Workspaces.read(MISSPELT)));
      assertThat(refused.kind()).isEqualTo(WorkspaceException.Kind.INVALID);
      assertThat(refused)
          .hasMessageContaining("Standard_NC6s_v3")
          .hasMessageContaining("phi-3-mini-4k-instruct");
      assertThat(story.table("/apis/kaito.sh/v1beta1/namespaces/default/workspaces"))
          .isEqualTo("No resources found\n");
    }
  }

  @Test
  void whatKubectlAppliesPastTheClientIsRefusedInTheStatusAndBuysNothing() {
    try (Story story = Story.begin()) {
      assertThat(kubectlApply(story, "wrong", MISSPELT).status()).isEqualTo(201);
      story.settle();
      assertThat(story.status(story.key("wrong")))
          .contains("WorkspaceInvalid")
          .contains("Standard_NC6s_v3")
          .contains("phi-3-mini-4k-instruct")
          .contains("Stalled");
      assertThat(story.cluster.nodes().bill().bought()).isZero();
      story.delete(story.key("wrong"));
    }
  }

  @Test
  void neitherInferenceNorTuningIsRefused() {
    try (Story story = Story.begin()) {
      String neither =
          """
          apiVersion: kaito.sh/v1beta1
          kind: Workspace
          metadata: {name: neither}
          resource:
            instanceType: Standard_NC24ads_A100_v4
            labelSelector: {matchLabels: {a: b}}
          """;
      KubeResponse answer = kubectlApply(story, "neither", neither);
      // A server that knows CEL refuses it; on CRDs without CEL the operator does.
      if (answer.isSuccess()) {
        story.settle();
        assertThat(story.status(story.key("neither"))).contains("WorkspaceInvalid");
      } else {
        assertThat(answer.status()).as(answer.bodyText()).isEqualTo(422);
      }
      assertThat(story.cluster.nodes().bill().bought()).isZero();
    }
  }

  private static KubeResponse kubectlApply(Story story, String name, String yaml) {
    return story.send(
        KubeRequest.patch(
                "/apis/kaito.sh/v1beta1/namespaces/default/workspaces/"
                    + name
                    + "?fieldManager=kubectl",
                PatchType.APPLY,
                yaml.replace("v1alpha1", "v1beta1").getBytes(StandardCharsets.UTF_8))
            .build());
  }
}
