package sh.kaito.testkit.behaviour.tuning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** The end of a training says nothing of one that was asked for while it ran. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class ChangedWhileRefusedTest {

  private static Workspace tuning(String config, String results) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: tune-phi-3}
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector: {matchLabels: {app: tune-phi-3}}
        tuning:
          preset: {name: phi-3-mini-128k-instruct}
          method: lora
          config: %s
          input: {volumeSource: {persistentVolumeClaim: {claimName: data}}}
          output: {volumeSource: {persistentVolumeClaim: {claimName: %s}}}
        """
            .formatted(config, results));
  }

  private static void makeConfig(Story story, String name) {
    String config =
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\""
            + name
            + "\"},\"data\":{\"training_config.yaml\":"
            + "\"training_config: {TrainingArguments: {output_dir: /mnt/results}}\"}}";
    assertThat(
            story
                .send(
                    KubeRequest.post(
                            "/api/v1/namespaces/default/configmaps", config.getBytes(UTF_8))
                        .build())
                .isSuccess())
        .isTrue();
  }

  @Test
  void whatWasAskedForMeanwhileRunsWhenItCan() {
    try (Story story =
        Story.begin(
            settings ->
                settings.workloads(
                    workloads -> workloads.sockets(false).workTime(Duration.ofHours(6))))) {
      makeConfig(story, "one");
      WorkspaceKey key = story.apply(tuning("one", "results"));
      story.time.advance(Duration.ofHours(1));
      story.apply(tuning("two", "other"));
      story.time.advance(Duration.ofHours(8));
      assertThat(story.status(key))
          .as("the first training has ended, and the second waits for its settings")
          .contains("ConfigMapNotFound")
          .doesNotContain("\"state\":\"Succeeded\"");
      makeConfig(story, "two");
      story.time.advance(Duration.ofHours(1));
      assertThat(
              story
                  .send(
                      KubeRequest.get("/apis/batch/v1/namespaces/default/jobs/tune-phi-3").build())
                  .bodyText())
          .contains("\"claimName\":\"other\"");
      story.time.advance(Duration.ofHours(8));
      assertThat(story.status(key)).contains("\"state\":\"Succeeded\"");
      story.delete(key);
    }
  }
}
