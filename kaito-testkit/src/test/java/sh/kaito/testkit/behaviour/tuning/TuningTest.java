package sh.kaito.testkit.behaviour.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.behaviour.Story;

/** A tuning Workspace runs its Job once, to its end, and says where it stands. */
class TuningTest {
  private static final String YAML =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata:
        name: tuning-phi-3
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector:
          matchLabels: {app: tuning-phi-3}
      tuning:
        preset:
          name: phi-3-mini-128k-instruct
        method: qlora
        input:
          urls: ["https://data.example.org/train.parquet"]
        output:
          image: registry.example.org/adapters/phi-3:0.0.1
          imagePushSecret: push
      """;
  private static final String JOB = "/apis/batch/v1/namespaces/default/jobs/tuning-phi-3";

  private static Workspace workspace() {
    return Workspaces.read(YAML);
  }

  private static Story story() {
    return Story.begin(
        settings ->
            settings
                .nodes(nodes -> nodes.launchDelay(Story.shortened(Duration.ofMinutes(5))))
                .workloads(
                    workloads ->
                        workloads
                            .sockets(false)
                            .workTime(Story.shortened(Duration.ofMinutes(40)))));
  }

  @Test
  void withoutItsPushSecretNothingIsBought() {
    try (Story story = story()) {
      WorkspaceKey key = story.apply(workspace());
      story.until(
          "the refusal", Duration.ofHours(1), () -> story.status(key).contains("SecretNotFound"));
      assertThat(story.cluster.nodes().bill().bought())
          .as("a node that waits for a Secret is paid for")
          .isZero();
      assertThat(story.status(key))
          .contains("SecretNotFound")
          .contains(story.cluster.namespace() + "/push");
      makeSecret(story);
      story.until(
          "one node", Duration.ofMinutes(10), () -> story.cluster.nodes().bill().bought() == 1);
      story.delete(key);
    }
  }

  @Test
  void itRunsOnceAndSucceeds() {
    try (Story story = story()) {
      makeSecret(story);
      WorkspaceKey key = story.apply(workspace());
      story.until(
          "the training",
          Duration.ofMinutes(20),
          () -> story.status(key).contains("\"state\":\"Running\""));
      assertThat(story.status(key)).contains("JobStarted");
      story.until(
          "its end",
          Duration.ofHours(3),
          () -> story.status(key).contains("\"state\":\"Succeeded\""));
      assertThat(story.status(key)).contains("\"reason\":\"workspaceSucceeded\"");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);

      story.send(KubeRequest.delete(JOB).query("propagationPolicy", "Background").build());
      story.stopController();
      story.startController();
      story.pass(Duration.ofHours(1));
      assertThat(get(story, JOB).status())
          .as("a finished Job is final, whether or not it still exists")
          .isEqualTo(404);
      assertThat(story.status(key)).contains("\"state\":\"Succeeded\"");
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  private static void makeSecret(Story story) {
    String secret =
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"push\"},"
            + "\"type\":\"kubernetes.io/dockerconfigjson\","
            + "\"stringData\":{\".dockerconfigjson\":\"{\\\"auths\\\":{}}\"}}";
    KubeResponse answer =
        story.send(
            KubeRequest.post(
                    "/api/v1/namespaces/default/secrets", secret.getBytes(StandardCharsets.UTF_8))
                .build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  private static KubeResponse get(Story story, String path) {
    return story.send(KubeRequest.get(path).build());
  }
}
