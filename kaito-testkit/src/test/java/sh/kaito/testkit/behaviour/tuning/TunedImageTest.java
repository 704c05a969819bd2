package sh.kaito.testkit.behaviour.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.StubRegistry;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.Needs;

/** What one Workspace trains is pushed as an image, and another one serves it as an adapter. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class TunedImageTest {
  private static final String HOST = "acr.azurecr.io";
  private static final String SECRETS = "/api/v1/namespaces/default/secrets";

  private static StubRegistry registry() {
    return StubRegistry.builder().user("ci", "s3cret").build();
  }

  private static Story story(StubRegistry registry) {
    return Story.begin(
        settings ->
            settings
                .nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(5)))
                .workloads(
                    workloads ->
                        workloads
                            .sockets(false)
                            .registry(HOST, registry)
                            .workTime(Duration.ofMinutes(40))));
  }

  /** A seed with its placeholders filled in, as its reader must. */
  private static Workspace seed(String name, String repository) {
    try (InputStream yaml = TunedImageTest.class.getResourceAsStream("/seeds/" + name + ".yaml")) {
      String text =
          new String(Objects.requireNonNull(yaml, name).readAllBytes(), StandardCharsets.UTF_8);
      return Workspaces.read(
          text.replace("ACR_REPO_HERE.azurecr.io", HOST)
              .replaceAll("IMAGE_NAME_HERE|ADAPTER_HERE", repository)
              .replace("ACR_REGISTRY_SECRET_HERE", "push"));
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  private static void makeSecret(Story story, String registry, String user) {
    String auth = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    String config = "{\"auths\":{\"" + registry + "\":{\"auth\":\"" + auth + "\"}}}";
    String secret =
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"push\"},"
            + "\"type\":\"kubernetes.io/dockerconfigjson\",\"data\":{\".dockerconfigjson\":\""
            + Base64.getEncoder().encodeToString(config.getBytes(StandardCharsets.UTF_8))
            + "\"}}";
    KubeResponse answer =
        story.send(KubeRequest.post(SECRETS, secret.getBytes(StandardCharsets.UTF_8)).build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "workspace-tuning-phi-3, phi-3-mini-128k-instruct",
    "workspace-phi-3-mini-tuning, phi-3-mini-4k-instruct",
    "workspace-phi-3-mini-adapter-tuning, phi-3-mini-128k-instruct"
  })
  void theSeedsTuneAndPush(String seed, String model) {
    try (StubRegistry registry = registry();
        Story story = story(registry)) {
      makeSecret(story, HOST, "ci:s3cret");
      WorkspaceKey key = story.apply(seed(seed, "tuned"));
      story.time.advance(Duration.ofMinutes(20));
      assertThat(story.status(key)).contains("JobStarted").doesNotContain("workspaceSucceeded");
      assertThat(registry.tags("tuned")).as("nothing is trained yet").isEmpty();

      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.status(key)).contains("\"reason\":\"workspaceSucceeded\"");
      assertThat(registry.tags("tuned")).containsExactly("0.0.1");
      assertThat(manifest(registry, "tuned"))
          .as("the manifest names the model that was tuned")
          .contains("\"sh.kaito.model.name\":\"" + model + "\"");
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  private static String manifest(StubRegistry registry, String repository) {
    return registry
        .handle(KubeRequest.get("/v2/" + repository + "/manifests/0.0.1").build())
        .bodyText();
  }

  @Test
  void whatOneWorkspaceTrainsAnotherServes() {
    try (StubRegistry registry = registry();
        Story story = story(registry)) {
      makeSecret(story, HOST, "ci:s3cret");
      WorkspaceKey server = story.apply(seed("workspace-phi-3-mini-adapter", "phi-3-adapter"));
      story.time.advance(Duration.ofMinutes(15));
      assertThat(story.status(server))
          .as("the image of the adapter is not there yet, and the status says so")
          .contains("ImagePullError")
          .contains("acr.azurecr.io/phi-3-adapter:0.0.1: not found");

      WorkspaceKey tuner = story.apply(seed("workspace-tuning-phi-3", "phi-3-adapter"));
      story.time.advance(Duration.ofMinutes(50));
      assertThat(story.status(tuner)).contains("\"reason\":\"workspaceSucceeded\"");

      story.awaitReady(server);
      assertThat(story.await(story.kaito.endpoint(server).chatAsync("What is Kaito?")))
          .contains("[simulated phi-3-mini-128k-instruct + phi-3-adapter]");
    }
  }

  @Test
  void underVllmTheTrainedAdapterIsAModelOfItsOwn() {
    try (StubRegistry registry =
            StubRegistry.builder().user("ci", "s3cret").anonymousPull(false).tokens(true).build();
        Story story = story(registry)) {
      makeSecret(story, HOST, "ci:s3cret");
      WorkspaceKey tuner = story.apply(seed("workspace-tuning-phi-3", "tuned"));
      story.time.advance(Duration.ofMinutes(50));
      assertThat(story.status(tuner)).contains("\"reason\":\"workspaceSucceeded\"");

      // A registry that lets nobody in: a puller with the credentials of a Secret brings it.
      WorkspaceKey server = story.apply(server("tuned-server", "imagePullSecrets: [push]"));
      story.awaitReady(server);
      KubeResponse models =
          story.send(
              KubeRequest.get("/api/v1/namespaces/default/services/tuned-server:80/proxy/v1/models")
                  .build());
      assertThat(models.bodyText()).contains("\"id\":\"dolly\"");

      WorkspaceKey stranger = story.apply(server("stranger", ""));
      story.time.advance(Duration.ofMinutes(15));
      assertThat(story.status(stranger))
          .contains("ImagePullError")
          .contains("unauthorized: authentication required");
    }
  }

  private static Workspace server(String name, String secrets) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: %s
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {app: tuned}
        inference:
          preset: {name: phi-3-mini-128k-instruct}
          adapters:
            - source:
                name: dolly
                image: acr.azurecr.io/tuned:0.0.1
                %s
        """
            .formatted(name, secrets));
  }

  @Test
  void aWrongPasswordFailsTheTrainingAndTheStatusSaysWhy() {
    try (StubRegistry registry = registry();
        Story story = story(registry)) {
      makeSecret(story, HOST, "ci:wrong");
      WorkspaceKey key = story.apply(seed("workspace-tuning-phi-3", "tuned"));
      story.time.advance(Duration.ofHours(2));
      assertThat(registry.tags("tuned")).isEmpty();
      assertThat(story.status(key))
          .contains("\"reason\":\"WorkspaceTuningJobStatusFailed\"")
          .contains("container pusher")
          .contains("401: unauthorized: authentication required")
          .contains("could not push in 10 attempts")
          .doesNotContain("wrong");
    }
  }

  @Test
  void credentialsOfAnotherRegistryAreNone() {
    try (StubRegistry registry = registry();
        Story story = story(registry)) {
      makeSecret(story, "elsewhere.azurecr.io", "ci:s3cret");
      WorkspaceKey key = story.apply(seed("workspace-tuning-phi-3", "tuned"));
      story.time.advance(Duration.ofHours(2));
      assertThat(story.status(key)).contains("could not push in 10 attempts");
    }
  }

  @Test
  void aRegistryThatIsDownForAMomentCostsNothing() {
    try (StubRegistry registry = registry();
        Story story = story(registry)) {
      makeSecret(story, HOST, "ci:s3cret");
      registry.setAvailable(false);
      WorkspaceKey key = story.apply(seed("workspace-tuning-phi-3", "tuned"));
      story.time.advance(Duration.ofMinutes(47));
      assertThat(story.status(key))
          .as("the training is over, and its push is being repeated")
          .doesNotContain("workspaceSucceeded")
          .doesNotContain("StatusFailed");
      registry.setAvailable(true);
      story.time.advance(Duration.ofMinutes(1));
      assertThat(story.status(key)).contains("\"reason\":\"workspaceSucceeded\"");
      assertThat(registry.tags("tuned")).containsExactly("0.0.1");
    }
  }

  @Test
  void aRegistryThatStaysDownFailsTheTraining() {
    try (StubRegistry registry = registry();
        Story story = story(registry)) {
      makeSecret(story, HOST, "ci:s3cret");
      registry.setAvailable(false);
      WorkspaceKey key = story.apply(seed("workspace-tuning-phi-3", "tuned"));
      story.time.advance(Duration.ofMinutes(55));
      assertThat(story.status(key))
          .contains("\"reason\":\"WorkspaceTuningJobStatusFailed\"")
          .contains("response status code 503")
          .contains("could not push in 10 attempts");
    }
  }
}
