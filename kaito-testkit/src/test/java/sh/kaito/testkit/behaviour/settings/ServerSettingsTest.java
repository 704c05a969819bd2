package sh.kaito.testkit.behaviour.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.StoryObjects;
import sh.kaito.testkit.junit.Needs;

/** The ConfigMap of {@code inference.config} is part of the wish: its bytes, and nothing else. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class ServerSettingsTest {
  private static final String SERVER = "/api/v1/namespaces/default/configmaps/server";

  private static Workspace workspace() {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: phi-4
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {apps: phi-4}
        inference:
          preset: {name: phi-4}
          config: server
        """);
  }

  @Test
  void withoutItNothingIsBought() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(workspace());
      story.time.advance(Duration.ofHours(1));
      assertThat(story.status(key)).contains("ConfigMapNotFound").contains("default/server");
      assertThat(story.cluster.nodes().bill().bought()).isZero();
      new StoryObjects(story)
          .configMap("server", "inference_config.yaml", "vllm: {max-model-len: 16384}");
      story.time.advance(Duration.ofMinutes(1));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }

  @Test
  void eachChangeOfItsBytesRestartsTheServerOnceAndNothingElseDoes() {
    try (Story story = Story.begin()) {
      StoryObjects objects = new StoryObjects(story);
      objects.configMap("server", "inference_config.yaml", "vllm: {max-num-seqs: 64}");
      WorkspaceKey key = story.apply(workspace());
      story.awaitReady(key);
      List<String> first = objects.podUids(key);

      objects.patch(SERVER, "{\"metadata\":{\"labels\":{\"team\":\"search\"}}}");
      objects.patch(SERVER, "{\"data\":{\"README\":\"not ours\"}}");
      story.time.advance(Duration.ofMinutes(30));
      assertThat(objects.podUids(key)).as("no byte of the settings changed").isEqualTo(first);

      objects.patch(SERVER, "{\"data\":{\"inference_config.yaml\":\"vllm: {max-num-seqs: 32}\"}}");
      assertThat(objects.mostPods(key, Duration.ofMinutes(10))).isEqualTo(1);
      story.awaitReady(key);
      List<String> second = objects.podUids(key);
      assertThat(second).doesNotContainAnyElementsOf(first);
      assertThat(objects.pods(key).toString()).contains("--max-num-seqs=32");

      story.time.advance(Duration.ofHours(2));
      story.stopController();
      story.startController();
      story.time.advance(Duration.ofHours(2));
      assertThat(objects.podUids(key)).as("one change, one restart").isEqualTo(second);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }

  @Test
  void settingsThatCannotBeLeaveTheModelAlone() {
    try (Story story = Story.begin()) {
      StoryObjects objects = new StoryObjects(story);
      objects.configMap("server", "inference_config.yaml", "vllm: {max-num-seqs: 64}");
      WorkspaceKey key = story.apply(workspace());
      story.awaitReady(key);
      List<String> before = objects.podUids(key);
      objects.patch(SERVER, "{\"data\":{\"inference_config.yaml\":\"vllm: {port: 1}\"}}");
      story.time.advance(Duration.ofMinutes(30));
      assertThat(objects.podUids(key)).isEqualTo(before);
      assertThat(story.status(key)).contains("WorkspaceInvalid").contains("port");
      objects.delete(SERVER);
      story.time.advance(Duration.ofMinutes(30));
      assertThat(objects.podUids(key)).isEqualTo(before);
      assertThat(story.status(key)).contains("ConfigMapNotFound");
    }
  }
}
