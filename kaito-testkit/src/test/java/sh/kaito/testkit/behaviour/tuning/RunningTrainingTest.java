package sh.kaito.testkit.behaviour.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.Needs;

/** Hours of training are not given up for what happens to a ConfigMap. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class RunningTrainingTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String MY_TRAINING = CONFIG_MAPS + "/my-training";
  private static final String JOB = "/apis/batch/v1/namespaces/default/jobs/tune-phi-3";

  private static Workspace workspace(String claim) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: tune-phi-3
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {app: tune-phi-3}
        tuning:
          preset: {name: phi-3-mini-128k-instruct}
          method: lora
          config: my-training
          input:
            volumeSource: {persistentVolumeClaim: {claimName: data}}
          output:
            volumeSource: {persistentVolumeClaim: {claimName: %s}}
        """
            .formatted(claim));
  }

  private static String settings(String outputDirectory) {
    return "{\"data\":{\"training_config.yaml\":\"training_config: {TrainingArguments:"
        + " {output_dir: "
        + outputDirectory
        + "}}\"}}";
  }

  private static Story story() {
    Story story =
        Story.begin(
            settings ->
                settings
                    .nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(5)))
                    .workloads(
                        workloads ->
                            workloads
                                .pullDelay(Duration.ofMinutes(4))
                                .workTime(Duration.ofHours(6))));
    String made =
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"my-training\"},"
            + settings("/mnt/results").substring(1);
    ok(story.send(KubeRequest.post(CONFIG_MAPS, bytes(made)).build()));
    return story;
  }

  private static void edit(Story story, String outputDirectory) {
    ok(
        story.send(
            KubeRequest.patch(MY_TRAINING, PatchType.MERGE, bytes(settings(outputDirectory)))
                .build()));
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static KubeResponse ok(KubeResponse response) {
    assertThat(response.isSuccess()).as(response.bodyText()).isTrue();
    return response;
  }

  private static String uid(Story story) {
    String body = ok(story.send(KubeRequest.get(JOB).build())).bodyText();
    int at = body.indexOf("\"uid\":", body.indexOf("\"namespace\"")) + 7;
    return body.substring(at, body.indexOf('"', at));
  }

  @ParameterizedTest
  @ValueSource(strings = {"changed", "invalid", "deleted"})
  void whateverHappensToItsConfigMapARunningTrainingGoesOn(String what) {
    try (Story story = story()) {
      WorkspaceKey key = story.apply(workspace("results"));
      story.time.advance(Duration.ofHours(1));
      assertThat(story.status(key)).contains("\"state\":\"Running\"");
      String job = uid(story);

      switch (what) {
        case "changed" -> edit(story, "/mnt/elsewhere");
        case "invalid" -> edit(story, "/etc");
        default -> ok(story.send(KubeRequest.delete(MY_TRAINING).build()));
      }
      story.time.advance(Duration.ofHours(1));
      assertThat(uid(story)).as("the Job that has trained for an hour").isEqualTo(job);
      assertThat(story.status(key))
          .contains("\"state\":\"Running\"")
          .contains("it goes on with the settings that it began with")
          .doesNotContain("\"type\":\"Stalled\",\"status\":\"True\"");

      // A controller that knows nothing of before decides in the same way.
      story.stopController();
      story.startController();
      story.time.advance(Duration.ofHours(6));
      assertThat(uid(story)).isEqualTo(job);
      assertThat(story.status(key)).contains("\"state\":\"Succeeded\"");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      story.delete(key);
    }
  }

  @Test
  void theSpecificationsOwnChangeStartsItAnewWithTheSettingsOfThen() {
    try (Story story = story()) {
      WorkspaceKey key = story.apply(workspace("results"));
      story.time.advance(Duration.ofHours(1));
      String job = uid(story);
      edit(story, "/mnt/elsewhere");
      story.time.advance(Duration.ofMinutes(5));

      story.apply(workspace("other-results"));
      story.time.advance(Duration.ofHours(1));
      assertThat(uid(story)).isNotEqualTo(job);
      assertThat(story.send(KubeRequest.get(JOB).build()).bodyText()).contains("/mnt/elsewhere");
      assertThat(story.status(key)).contains("\"state\":\"Running\"").doesNotContain("goes on");
    }
  }

  @Test
  void beforeTheTrainerRunsAnEditCounts() {
    try (Story story = story()) {
      WorkspaceKey key = story.apply(workspace("results"));
      story.time.advance(Duration.ofMinutes(7));
      assertThat(story.status(key)).as("its image is being pulled").contains("\"Pending\"");
      String job = uid(story);
      edit(story, "/mnt/elsewhere");
      story.time.advance(Duration.ofMinutes(1));
      assertThat(uid(story)).isNotEqualTo(job);
      story.time.advance(Duration.ofHours(8));
      assertThat(story.status(key)).contains("\"state\":\"Succeeded\"");
    }
  }
}
