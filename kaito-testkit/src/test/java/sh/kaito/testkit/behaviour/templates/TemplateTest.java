package sh.kaito.testkit.behaviour.templates;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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

/** A pod template of the user's own runs as it is, on nodes that were bought for it. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class TemplateTest {
  private static Workspace workspace(String tag, String toleration) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: own-server
        resource:
          count: 2
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {apps: own-server}
        inference:
          template:
            metadata:
              labels: {team: search}
            spec:
              tolerations:
                - {key: team, operator: Equal, value: search, effect: NoSchedule}%s
              containers:
                - name: server
                  image: registry.example.com/server:%s
                  command: [serve, "--name=$(POD)", "quo'te"]
                  resources:
                    limits: {nvidia.com/gpu: 1}
                - name: sidecar
                  image: registry.example.com/sidecar:1
        """
            .formatted(toleration, tag));
  }

  @Test
  void theContainersAreTheUsers() {
    try (Story story = Story.begin()) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(workspace("1.0", ""));
      story.awaitReady(key);
      assertThat(objects.pods(key)).hasSize(2);
      JsonNode pod = objects.pods(key).get(0);
      assertThat(pod.at("/metadata/labels/team").asText()).isEqualTo("search");
      JsonNode server = pod.at("/spec/containers/0");
      assertThat(server.path("command").toString())
          .isEqualTo("[\"serve\",\"--name=$(POD)\",\"quo'te\"]");
      assertThat(server.has("env")).as("nothing is added to a container").isFalse();
      assertThat(server.has("securityContext")).isFalse();
      assertThat(pod.at("/spec/tolerations").toString())
          .contains("\"key\":\"team\"")
          .contains("\"key\":\"sku\"")
          .contains("\"key\":\"nvidia.com/gpu\"");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }

  @Test
  void aChangeReplacesThePodsOnTheNodesThatAreThere() {
    try (Story story = Story.begin()) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(workspace("1.0", ""));
      story.awaitReady(key);
      List<String> before = objects.podUids(key);
      story.apply(workspace("1.1", ""));
      assertThat(objects.mostPods(key, Duration.ofMinutes(10))).isEqualTo(2);
      story.awaitReady(key);
      assertThat(objects.podUids(key)).hasSize(2).doesNotContainAnyElementsOf(before);
      assertThat(objects.pods(key).toString()).contains("server:1.1").doesNotContain("server:1.0");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }
}
