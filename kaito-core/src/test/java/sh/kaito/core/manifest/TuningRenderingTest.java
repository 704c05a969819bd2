package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.internal.settings.TrainingSettings;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.plan.TestWorkspaces;
import sh.kaito.core.plan.ToolImages;

class TuningRenderingTest {
  private static final String URLS = "{urls: [\"https://example.com/a.parquet?x=$y\"]}";
  private static final String IMAGE = "{image: \"r.example/out:1\", imagePushSecret: push}";
  private static final String VOLUME = "{volumeSource: {persistentVolumeClaim: {claimName: c}}}";

  private static Workspace tuning(String type, String method, String input, String output) {
    return TestWorkspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: w, namespace: ns}
        resource: {instanceType: %s, labelSelector: {matchLabels: {apps: x}}}
        tuning:
          preset: {name: phi-3-mini-128k-instruct}
          method: %s
          input: %s
          output: %s
        """
            .formatted(type, method, input, output));
  }

  private static Workspace tuning(String input, String output) {
    return tuning("Standard_NC24ads_A100_v4", "qlora", input, output);
  }

  private static List<String> names(Rendered rendered, String list) {
    return StreamSupport.stream(Renderings.pod(rendered).path(list).spliterator(), false)
        .map(container -> container.path("name").asText())
        .toList();
  }

  @Test
  void containersRunOneAfterTheOther() {
    Rendered rendered = Renderings.render(tuning(URLS, IMAGE));

    assertThat(names(rendered, "initContainers"))
        .containsExactly("model-weights-downloader", "data-downloader", "w");
    assertThat(names(rendered, "containers")).containsExactly("pusher");
    assertThat(rendered.workload())
        .isEqualTo(new Workload(Workload.Type.JOB, "w", 1, Optional.of("w")));
    JsonNode job = Renderings.json(rendered.workloadManifest());
    assertThat(job.at("/spec/backoffLimit").asInt(-1)).isZero();
    assertThat(job.at("/spec/template/spec/restartPolicy").asText()).isEqualTo("Never");
    assertThat(
            job.at("/spec/template/metadata/annotations/kubectl.kubernetes.io~1default-container")
                .asText())
        .isEqualTo("w");
  }

  @Test
  void everyImageOfAToolCanBeNamed() {
    ToolImages tools =
        ToolImages.builder()
            .downloader("mirror.example/curl@sha256:" + "1".repeat(64))
            .puller("mirror.example/skopeo@sha256:" + "2".repeat(64))
            .weights("mirror.example/oras@sha256:" + "3".repeat(64))
            .pusher("mirror.example/oras@sha256:" + "4".repeat(64))
            .build();
    Planner planner = Planner.builder().tools(tools).build();
    String secret = "{image: \"r.example/data:1\", imagePullSecrets: [pull]}";
    String images = "";
    for (Workspace workspace : List.of(tuning(URLS, IMAGE), tuning(secret, IMAGE))) {
      Plan plan = planner.plan(workspace, PlanInputs.none()).orElseThrow();
      RenderInputs inputs =
          RenderInputs.builder()
              .from(Renderings.inputs(workspace, Map.of()).build())
              .plan(plan)
              .build();
      images += Renderings.pod(Manifests.render(inputs).orElseThrow());
    }
    assertThat(images)
        .contains(tools.downloader(), tools.puller(), tools.weights(), tools.pusher())
        .doesNotContain("oras-project")
        .doesNotContain("skopeo:")
        .doesNotContain("curlimages");
  }

  @Test
  void onlyTheTrainerHasGpusAndOnlyThePusherHasCredentials() {
    Rendered rendered = Renderings.render(tuning(URLS, IMAGE));

    assertThat(Renderings.container(rendered, "w").at("/resources/limits/nvidia.com~1gpu").asText())
        .isEqualTo("1");
    assertThat(Renderings.container(rendered, "pusher").has("resources")).isFalse();
    assertThat(Renderings.container(rendered, "pusher").path("volumeMounts").toString())
        .contains("docker-config");
    assertThat(Renderings.container(rendered, "w").path("volumeMounts").toString())
        .doesNotContain("docker-config");
    assertThat(Renderings.pod(rendered).toString())
        .doesNotContain("privileged")
        .doesNotContain("shareProcessNamespace");
  }

  @Test
  void anOldGpuTrainsWithTheModelsOwnImage() {
    Rendered rendered = Renderings.render(tuning("Standard_NC6s_v3", "qlora", URLS, IMAGE));

    assertThat(names(rendered, "initContainers")).containsExactly("data-downloader", "w");
    List<String> command = Renderings.texts(Renderings.container(rendered, "w").path("command"));
    assertThat(command.subList(4, command.size()))
        .containsExactly("accelerate", "launch", "--num_processes=1", "fine_tuning.py");
  }

  @Test
  void severalGpusAreSeveralProcesses() {
    Rendered rendered = Renderings.render(tuning("Standard_NC96ads_A100_v4", "lora", URLS, IMAGE));

    assertThat(Renderings.texts(Renderings.container(rendered, "w").path("command")))
        .contains("--num_processes=4");
  }

  @Test
  void whatIsWrittenToAVolumeNeedsNoPusher() {
    Rendered rendered = Renderings.render(tuning(VOLUME, VOLUME));

    assertThat(names(rendered, "initContainers")).containsExactly("model-weights-downloader");
    assertThat(names(rendered, "containers")).containsExactly("w");
    assertThat(rendered.workload().trainer()).contains("w");
    assertThat(Renderings.container(rendered, "w").path("volumeMounts").toString())
        .contains("{\"name\":\"results-volume\",\"mountPath\":\"/mnt/results\"}")
        .contains("{\"name\":\"data-volume\",\"mountPath\":\"/mnt/data\"}");
  }

  @Test
  void dataOfAnImageIsCopiedByItselfOrByAPuller() {
    Rendered own = Renderings.render(tuning("{image: \"r.example/d:1\"}", IMAGE));
    Rendered pulled =
        Renderings.render(tuning("{image: \"r.example/d:1\", imagePullSecrets: [s]}", IMAGE));

    assertThat(Renderings.texts(Renderings.container(own, "data-extractor").path("command")))
        .endsWith("/data", "/mnt/data", "");
    assertThat(Renderings.texts(Renderings.container(pulled, "puller").path("command")))
        .endsWith("r.example/d:1", "/mnt/data", "", "/root/.docker/config.d/data-tuning-input");
  }

  @ParameterizedTest
  @EnumSource(TuningMethod.class)
  void defaultSettingsAreWrittenForTheWorkspaceAndGoWithIt(TuningMethod method) {
    Rendered rendered =
        Renderings.render(tuning("Standard_NC24ads_A100_v4", method.wireName(), URLS, IMAGE));
    JsonNode map = Renderings.object(rendered, "ConfigMap", "w-" + method.wireName() + "-params");

    assertThat(map.at("/metadata/ownerReferences/0/uid").asText()).isEqualTo(Renderings.UID);
    assertThat(rendered.manifests().get(0).kind())
        .as("it is there before the Job")
        .isEqualTo("ConfigMap");
    String text = map.at("/data/training_config.yaml").asText();
    TrainingSettings settings = TrainingSettings.read(text, Optional.of(method));
    assertThat(settings.violations()).isEmpty();
    assertThat(settings.outputDirectory()).isEqualTo("/mnt/results");
    assertThat(new Load(LoadSettings.builder().build()).loadFromString(text).toString())
        .contains("r=8, lora_alpha=8, lora_dropout=0.0")
        .contains("load_in_4bit=" + (method == TuningMethod.QLORA));
  }

  @Test
  void settingsOfTheUserDecideWhereTheResultLies() {
    Workspace workspace = tuning("Standard_NC24ads_A100_v4", "qlora\n  config: mine", URLS, IMAGE);
    Rendered rendered =
        Renderings.render(
            workspace,
            Map.of(
                "mine",
                Map.of(
                    "training_config.yaml",
                    "training_config: {QuantizationConfig: {load_in_8bit: true},"
                        + " TrainingArguments: {output_dir: /out//./x}}")));

    assertThat(rendered.manifests().stream().map(Manifest::kind)).containsExactly("Job");
    assertThat(Renderings.pod(rendered).path("volumes").toString())
        .contains("{\"name\":\"config-volume\",\"configMap\":{\"name\":\"mine\"}}");
    assertThat(Renderings.container(rendered, "pusher").path("env").toString())
        .contains("{\"name\":\"OUTPUT_DIR\",\"value\":\"/mnt/out/x\"}");
  }

  @Test
  void missingAndWrongSettingsAreSaid() {
    Workspace workspace = tuning("Standard_NC24ads_A100_v4", "qlora\n  config: mine", URLS, IMAGE);
    Map<String, Map<String, String>> wrong =
        Map.of(
            "mine",
            Map.of(
                "training_config.yaml",
                "training_config: {TrainingArguments: {output_dir: /mnt/data/x}}"));

    assertThat(Manifests.render(Renderings.inputs(workspace, Map.of()).build()))
        .isEqualTo(new NeedsConfigMap("mine", "training_config.yaml", "tuning.config"));
    assertThat(Manifests.render(Renderings.inputs(workspace, Map.of("mine", Map.of())).build()))
        .as("a ConfigMap without the key")
        .isInstanceOf(NeedsConfigMap.class);
    assertThat(Manifests.render(Renderings.inputs(workspace, wrong).build()).toString())
        .contains("load_in_4bit")
        .contains("holds something else");
  }

  @Test
  void aDollarInAUrlArrivesAsOne() {
    Rendered rendered = Renderings.render(tuning(URLS, IMAGE));
    List<String> command =
        Renderings.texts(Renderings.container(rendered, "data-downloader").path("command"));

    assertThat(command).endsWith("https://example.com/a.parquet?x=$$y");
  }
}
