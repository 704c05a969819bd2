package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.plan.TestWorkspaces;

class AdapterRenderingTest {

  private static Workspace adapters(String version, String runtime, String adapters) {
    return TestWorkspaces.read(
        """
        apiVersion: kaito.sh/%s
        kind: Workspace
        metadata: {name: w, namespace: ns, annotations: {%s}}
        resource: {instanceType: Standard_NC24ads_A100_v4, labelSelector: {matchLabels: {apps: x}}}
        inference:
          preset: {name: phi-3-mini-128k-instruct}
          adapters: %s
        """
            .formatted(version, runtime.isEmpty() ? "" : "kaito.sh/runtime: " + runtime, adapters));
  }

  private static List<String> env(Rendered rendered) {
    return StreamSupport.stream(
            Renderings.container(rendered, "w").path("env").spliterator(), false)
        .map(variable -> variable.path("name").asText() + "=" + variable.path("value").asText())
        .toList();
  }

  @Test
  void underVllmEachAdapterIsAModelOfItsOwn() {
    Rendered rendered =
        Renderings.render(
            adapters("v1beta1", "vllm", "[{source: {name: law, image: \"r.example/law:1\"}}]"));

    assertThat(Renderings.texts(Renderings.container(rendered, "w").path("command")))
        .contains("--enable-lora");
    assertThat(Renderings.texts(Renderings.container(rendered, "law").path("command")))
        .as("the server takes the name of the directory for that of the model")
        .endsWith("/data", "/mnt/adapter/law", "adapter_config.json");
    assertThat(env(rendered)).noneMatch(variable -> variable.startsWith("law="));
  }

  @Test
  void theOtherServersReadStrengthsFromVariables() {
    String two =
        "[{source: {name: law, image: \"r.example/law:1\"}, strength: \"0.25\"},"
            + " {source: {name: tax-2, image: \"r.example/tax:1\"}}]";

    for (String runtime : List.of("transformers", "legacy-image")) {
      assertThat(env(Renderings.render(adapters("v1beta1", runtime, two))))
          .as(runtime)
          .contains("law=0.25", "tax-2=1.0");
    }
  }

  @Test
  void aStrengthWithoutRuntimeChoosesTheTransformersServer() {
    Rendered rendered =
        Renderings.render(
            adapters(
                "v1beta1",
                "",
                "[{source: {name: law, image: \"r.example/law:1\"}, strength: \"0.5\"}]"));

    assertThat(env(rendered)).contains("law=0.5");
    assertThat(rendered.pinned().runtime().orElseThrow().wireName()).isEqualTo("transformers");
  }

  @Test
  void credentialsAreSeenByThePullerAlone() {
    Rendered rendered =
        Renderings.render(
            adapters(
                "v1beta1",
                "vllm",
                "[{source: {name: law, image: \"r.example/law:1\", imagePullSecrets: [s]}}]"));
    JsonNode puller = Renderings.container(rendered, "puller-law");

    assertThat(puller.path("volumeMounts").toString())
        .contains("docker-config-law-inference-adapter");
    assertThat(Renderings.container(rendered, "w").path("volumeMounts").toString())
        .doesNotContain("docker-config");
  }

  @Test
  void aVolumeIsMountedAsItIs() {
    Rendered rendered =
        Renderings.render(
            adapters(
                "v1beta1",
                "vllm",
                "[{source: {name: law, volumeSource: {csi: {driver: d, readOnly: true}}}}]"));

    assertThat(Renderings.pod(rendered).path("volumes").toString())
        .contains("{\"name\":\"adapter-volume-law\",\"csi\":{\"driver\":\"d\",\"readOnly\":true}}");
    assertThat(Renderings.pod(rendered).path("initContainers").isEmpty()).isTrue();
  }

  @Test
  void namesThatDifferInCaseOrCollideGetContainersOfTheirOwn() {
    Rendered rendered =
        Renderings.render(
            adapters(
                "v1alpha1",
                "vllm",
                "[{source: {name: law, image: \"r.example/1:1\"}},"
                    + " {source: {name: LAW, image: \"r.example/2:1\"}},"
                    + " {source: {name: w, image: \"r.example/3:1\"}},"
                    + " {source: {name: puller-law, image: \"r.example/4:1\"}},"
                    + " {source: {name: a.b, image: \"r.example/5:1\", imagePullSecrets: [s]}}]"));
    List<String> names =
        StreamSupport.stream(Renderings.pod(rendered).path("initContainers").spliterator(), false)
            .map(container -> container.path("name").asText())
            .toList();

    assertThat(names).doesNotHaveDuplicates().doesNotContain("w").hasSize(5);
    assertThat(names).allMatch(name -> name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?"));
    assertThat(Renderings.pod(rendered).path("initContainers").toString())
        .contains("/mnt/adapter/law\"", "/mnt/adapter/LAW\"", "/mnt/adapter/a.b\"");
  }

  @Test
  void namesThatCannotBeAreRefused() {
    String served = "[{source: {name: phi-3-mini-128k-instruct, image: \"r.example/1:1\"}}]";
    String digit = "[{source: {name: 3rd, image: \"r.example/1:1\"}, strength: \"0.5\"}]";

    assertThat(Planner.builder().build().plan(adapters("v1beta1", "vllm", served)).toString())
        .contains("under which the model itself is served");
    assertThat(
            Planner.builder().build().plan(adapters("v1beta1", "transformers", digit)).toString())
        .contains("begins with a letter");
  }
}
