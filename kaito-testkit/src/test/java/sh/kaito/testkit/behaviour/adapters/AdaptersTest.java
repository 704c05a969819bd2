package sh.kaito.testkit.behaviour.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.StubRegistry;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.StoryObjects;
import sh.kaito.testkit.junit.Needs;

/** Adapters come out of their images, with and without credentials, and are served. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class AdaptersTest {
  private static final String HOST = "registry.example.com";
  private static final String LAW = "{name: law, image: \"registry.example.com/law:1.0\"}";
  private static final String MEDICINE =
      "{name: medicine, image: \"registry.example.com/medicine:1.0\", imagePullSecrets: [pull]}";

  private static Workspace workspace(String... adapters) {
    StringBuilder list = new StringBuilder();
    for (String adapter : adapters) {
      list.append("\n    - ").append(adapter);
    }
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: chat
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {apps: chat}
        inference:
          preset: {name: phi-3-mini-128k-instruct}
          adapters:"""
            + list
            + "\n");
  }

  private static String source(String source) {
    return "{source: " + source + "}";
  }

  private static Story story(StubRegistry registry) {
    Story story =
        Story.begin(
            settings ->
                settings.workloads(workloads -> workloads.sockets(false).registry(HOST, registry)));
    new StoryObjects(story)
        .secret(
            "pull",
            ".dockerconfigjson",
            "{\"auths\":{\"" + HOST + "\":{\"username\":\"ci\",\"password\":\"s3cret\"}}}");
    return story;
  }

  private static String ask(Story story, String model) {
    String body =
        "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    return story
        .send(
            KubeRequest.post(
                    "/api/v1/namespaces/default/services/chat:80/proxy/v1/chat/completions",
                    body.getBytes(StandardCharsets.UTF_8))
                .build())
        .bodyText();
  }

  @Test
  void underVllmEachIsAModelWhicheverWayItCame() {
    try (StubRegistry registry = StubRegistry.create();
        Story story = story(registry)) {
      registry.putAdapter(HOST + "/law:1.0");
      // A puller unpacks what cannot run.
      registry.put(
          HOST + "/medicine:1.0",
          Map.of("data/adapter_config.json", "{}".getBytes(StandardCharsets.UTF_8)));
      WorkspaceKey key = story.apply(workspace(source(LAW), source(MEDICINE)));
      story.awaitReady(key);
      for (String model : List.of("law", "medicine", "phi-3-mini-128k-instruct")) {
        assertThat(ask(story, model)).contains("[simulated " + model + "] You asked: Hello");
      }
      assertThat(ask(story, "history")).contains("does not exist");
    }
  }

  @Test
  void aStrengthMergesItIntoTheModel() {
    try (StubRegistry registry = StubRegistry.create();
        Story story = story(registry)) {
      registry.putAdapter(HOST + "/law:1.0");
      WorkspaceKey key = story.apply(workspace("{source: " + LAW + ", strength: \"0.5\"}"));
      story.awaitReady(key);
      assertThat(new StoryObjects(story).pods(key).toString())
          .contains("{\"name\":\"law\",\"value\":\"0.5\"}");
      assertThat(story.await(story.kaito.endpoint(key).chatAsync("Hello")))
          .contains("phi-3-mini-128k-instruct + law] You asked: Hello");
    }
  }

  @Test
  void anImageWithoutAdapterIsSaidToBeOne() {
    try (StubRegistry registry = StubRegistry.create();
        Story story = story(registry)) {
      registry.put(
          HOST + "/medicine:1.0",
          Map.of("data/README", "nothing".getBytes(StandardCharsets.UTF_8)));
      WorkspaceKey key = story.apply(workspace(source(MEDICINE)));
      story.time.advance(Duration.ofMinutes(5));
      assertThat(story.status(key))
          .contains("ContainerCrashLoopBackOff")
          .contains("the image has no file /data/adapter_config.json");
      registry.putAdapter(HOST + "/medicine:1.0");
      story.awaitReady(key);
    }
  }

  @Test
  void anImageThatCannotRunIsSaidToBeOne() {
    try (StubRegistry registry = StubRegistry.create();
        Story story = story(registry)) {
      registry.put(
          HOST + "/law:1.0",
          Map.of("data/adapter_config.json", "{}".getBytes(StandardCharsets.UTF_8)));
      WorkspaceKey key = story.apply(workspace(source(LAW)));
      story.time.advance(Duration.ofMinutes(5));
      assertThat(story.status(key)).contains("/bin/sh: no such file or directory");
    }
  }

  @Test
  void oneMoreRestartsTheServerOnceOnTheNodeThatIsThere() {
    try (StubRegistry registry = StubRegistry.create();
        Story story = story(registry)) {
      StoryObjects objects = new StoryObjects(story);
      registry.putAdapter(HOST + "/law:1.0");
      registry.putAdapter(HOST + "/medicine:1.0");
      WorkspaceKey key = story.apply(workspace(source(LAW)));
      story.awaitReady(key);
      List<String> before = objects.podUids(key);

      story.apply(workspace(source(LAW), source(MEDICINE)));
      assertThat(objects.mostPods(key, Duration.ofMinutes(10)))
          .as("a second set of GPUs")
          .isEqualTo(1);
      story.awaitReady(key);
      assertThat(objects.podUids(key)).hasSize(1).doesNotContainAnyElementsOf(before);
      assertThat(ask(story, "medicine")).contains("[simulated medicine]");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }
}
