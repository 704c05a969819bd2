package sh.kaito.testkit.behaviour.severalnodes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.NodeBill;
import sh.kaito.testkit.PodBehavior;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.StoryObjects;
import sh.kaito.testkit.junit.Needs;

/** Models on several nodes: one process group, whole or not at all. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class ProcessGroupTest {
  private static Workspace ray(String settings) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: llama
        resource:
          instanceType: Standard_NC48ads_A100_v4
          labelSelector:
            matchLabels: {apps: llama}
        inference:
          preset:
            name: llama-3.3-70b-instruct
            presetOptions: {modelAccessSecret: hub-token}
          %s
        """
            .formatted(settings));
  }

  private static Workspace torchrun(String set) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1alpha1
        kind: Workspace
        metadata:
          name: llama
          labels: {inferenceset.kaito.sh/created-by: %s}
        resource:
          count: 2
          instanceType: Standard_NC12s_v3
          labelSelector:
            matchLabels: {apps: llama}
        inference:
          preset:
            name: llama-2-13b-chat
            accessMode: private
            presetOptions:
              image: registry.example.com/kaito-llama-2-13b-chat:0.0.1
              imagePullSecrets: [registry]
        """
            .formatted(set));
  }

  private static Story story(PodBehavior.Builder second) {
    Story story =
        Story.begin(
            settings ->
                settings.workloads(
                    workloads ->
                        workloads
                            .sockets(false)
                            .weightsDelay(Duration.ofMinutes(6))
                            .stopDelay(Duration.ofSeconds(20))
                            .behavior(
                                pod ->
                                    pod.name().endsWith("-1")
                                        ? second.build()
                                        : PodBehavior.normal())));
    StoryObjects objects = new StoryObjects(story);
    objects.secret("hub-token", "HF_TOKEN", "simulated");
    objects.secret("registry", ".dockerconfigjson", "{\"auths\":{}}");
    return story;
  }

  private static Story story() {
    return story(PodBehavior.builder());
  }

  private static Workspace workspace(String runtime) {
    return runtime.equals("ray") ? ray("") : torchrun("llamas");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ray", "torchrun"})
  void theGroupServesWhenAllOfItIsReady(String runtime) {
    try (Story story = story(PodBehavior.builder().pullDelay(Duration.ofMinutes(15)))) {
      WorkspaceKey key = story.apply(workspace(runtime));
      story.time.advance(Duration.ofMinutes(12));
      assertThat(new StoryObjects(story).pods(key)).hasSize(2);
      assertThat(story.status(key))
          .as("the second pod waits for its image")
          .doesNotContain("\"reason\":\"workspaceSucceeded\"");
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ray", "torchrun"})
  void aLostNodeTakesReadyAwayUntilTheGroupIsWholeAgain(String runtime) {
    try (Story story = story()) {
      WorkspaceKey key = story.apply(workspace(runtime));
      story.awaitReady(key);
      String claim =
          story.cluster.nodes().bill().purchases().stream()
              .map(NodeBill.Purchase::claim)
              .findFirst()
              .orElseThrow();
      story.send(KubeRequest.delete("/apis/karpenter.sh/v1/nodeclaims/" + claim).build());
      story.time.advance(Duration.ofMinutes(2));
      assertThat(story.status(key)).doesNotContain("\"reason\":\"workspaceSucceeded\"");
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(3);
      assertThat(story.cluster.nodes().bill().running()).isEqualTo(2);
      assertThat(new StoryObjects(story).pods(key)).hasSize(2);
    }
  }

  @Test
  void aChangeOfARayGroupRestartsAllOfItOnceOnTheNodesThatAreThere() {
    try (Story story = story()) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(ray(""));
      story.awaitReady(key);
      List<String> before = objects.podUids(key);

      objects.configMap("server", "inference_config.yaml", "vllm: {max-num-seqs: 64}");
      story.apply(ray("config: server"));
      assertThat(objects.mostPods(key, Duration.ofMinutes(30))).isEqualTo(2);
      story.awaitReady(key);
      assertThat(objects.podUids(key)).hasSize(2).doesNotContainAnyElementsOf(before);
      assertThat(objects.pods(key).toString()).contains("--max-num-seqs=64");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }

  @Test
  void aChangeOfATorchrunGroupIsNoDeadlock() {
    try (Story story = story()) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(torchrun("llamas"));
      story.awaitReady(key);
      List<String> before = objects.podUids(key);

      story.apply(torchrun("chats"));
      assertThat(objects.mostPods(key, Duration.ofMinutes(10))).isEqualTo(2);
      // One member alone is never ready: a group whose pods are replaced one by one would wait.
      story.awaitReady(key);
      assertThat(objects.podUids(key)).hasSize(2).doesNotContainAnyElementsOf(before);
      assertThat(objects.pods(key).toString()).contains("created-by\":\"chats\"");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }

  @Test
  void aGroupThatStillLoadsIsChangedAtOnce() {
    try (Story story = story()) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(torchrun("llamas"));
      story.time.advance(Duration.ofMinutes(4));
      assertThat(objects.pods(key)).as("they load").hasSize(2);
      story.apply(torchrun("chats"));
      assertThat(objects.mostPods(key, Duration.ofMinutes(10))).isEqualTo(2);
      story.awaitReady(key);
      assertThat(objects.pods(key).toString()).contains("created-by\":\"chats\"");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }
}
