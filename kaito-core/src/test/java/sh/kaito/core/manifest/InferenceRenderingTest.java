package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.PlanRefusal;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.plan.TestWorkspaces;

/** What the recorded cases do not show: features of inference, one by one. */
class InferenceRenderingTest {

  private static Workspace workspace(String name, String type, String annotations, String body) {
    return TestWorkspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: %s, namespace: ns, annotations: {%s}}
        resource: {instanceType: %s, labelSelector: {matchLabels: {apps: x}}}
        """
                .formatted(name, annotations, type)
            + body);
  }

  private static Workspace phi(String annotations, String rest) {
    return workspace(
        "w",
        "Standard_NC24ads_A100_v4",
        annotations,
        "inference:\n  preset: {name: phi-3-mini-128k-instruct}\n" + rest);
  }

  private static Workspace llama(String name) {
    return workspace(
            name,
            "Standard_NC96ads_A100_v4",
            "",
            """
            inference:
              preset:
                name: llama-2-70b
                accessMode: private
                presetOptions: {image: "r.example/llama:1", imagePullSecrets: [pull]}
            """)
        .toBuilder()
        .resource(
            TestWorkspaces.read(
                    """
                    apiVersion: kaito.sh/v1beta1
                    kind: Workspace
                    metadata: {name: x}
                    resource: {count: 2, instanceType: Standard_NC96ads_A100_v4, labelSelector: {}}
                    """)
                .resource())
        .build();
  }

  private static List<String> command(Rendered rendered, String container) {
    return Renderings.texts(Renderings.container(rendered, container).path("command"));
  }

  private static PlanRefusal refusal(Workspace workspace) {
    PlanOutcome outcome = Planner.builder().build().plan(workspace, PlanInputs.none());
    assertThat(outcome).isInstanceOf(PlanRefusal.class);
    return (PlanRefusal) outcome;
  }

  @Test
  void theTransformersServerIsStartedByAccelerate() {
    Rendered rendered = Renderings.render(phi("kaito.sh/runtime: transformers", ""));

    assertThat(command(rendered, "w"))
        .containsExactly(
            "accelerate",
            "launch",
            "--gpu_ids=all",
            "--machine_rank=0",
            "--num_machines=1",
            "--num_processes=1",
            "/workspace/tfs/inference_api.py",
            "--allow_remote_files",
            "--pipeline=text-generation",
            "--pretrained_model_name_or_path=microsoft/phi-3-mini-128k-instruct",
            "--served_model_name=phi-3-mini-128k-instruct",
            "--torch_dtype=auto",
            "--trust_remote_code");
    assertThat(rendered.workload())
        .isEqualTo(new Workload(Workload.Type.STATEFUL_SET, "w", 1, Optional.empty()));
  }

  @Test
  void aNameThatIsTooLongIsCutWhereItMustBe() {
    String name = "a-workspace-with-a-name-of-no-less-than-sixty-characters-abc";
    Rendered rendered = Renderings.render(llama(name));
    String set = rendered.workload().name();
    JsonNode object = Renderings.json(rendered.workloadManifest());
    String headless = object.at("/spec/serviceName").asText();

    assertThat(set).hasSizeLessThanOrEqualTo(52).startsWith("a-workspace-with");
    assertThat(headless).hasSizeLessThanOrEqualTo(63).isNotEqualTo(set);
    assertThat(Renderings.object(rendered, "Service", headless).at("/spec/clusterIP").asText())
        .isEqualTo("None");
    assertThat(
            Renderings.object(rendered, "Service", name)
                .at("/spec/selector")
                .path("statefulset.kubernetes.io/pod-name")
                .asText())
        .as("clients find the Service by the name of the Workspace")
        .isEqualTo(set + "-0");
    assertThat(command(rendered, name))
        .contains("--master_addr=" + set + "-0." + headless + ".ns.svc.cluster.local");
  }

  @Test
  void theDomainOfTheClusterIsASetting() {
    RenderInputs inputs =
        Renderings.inputs(llama("w"), Map.of()).clusterDomain("corp.example").build();

    assertThat(command(Manifests.render(inputs).orElseThrow(), "w"))
        .contains("--rdzv_endpoint=w-0.w-headless.ns.svc.corp.example:29500");
  }

  @Test
  void weightsLieOnNvmeWhereNodeAndClusterHaveIt() {
    RenderInputs.Builder inputs = Renderings.inputs(phi("", ""), Map.of());
    JsonNode without = Renderings.pod(Manifests.render(inputs.build()).orElseThrow());
    JsonNode with =
        Renderings.pod(
            Manifests.render(inputs.localDiskStorageClass("kaito-local-nvme-disk").build())
                .orElseThrow());

    assertThat(without.at("/volumes/0").toString())
        .isEqualTo("{\"name\":\"model-weights-volume\",\"emptyDir\":{}}");
    JsonNode claim = with.at("/volumes/0/ephemeral/volumeClaimTemplate");
    assertThat(claim.at("/spec/storageClassName").asText()).isEqualTo("kaito-local-nvme-disk");
    assertThat(claim.at("/spec/resources/requests/storage").asText())
        .as("weights and 80 GiB")
        .isEqualTo("87Gi");
    assertThat(claim.at("/metadata/labels/kaito.sh~1workspace").asText()).isEqualTo("w");
  }

  @Test
  void weightsOfTheUserAreReadFromTheNode() {
    Rendered rendered = Renderings.render(phi("kaito.sh/use-local-weights: \"true\"", ""));
    String directory = "/opt/kaito/models/phi-3-mini-128k-instruct";

    assertThat(command(rendered, "w"))
        .contains("--model=" + directory, "--load-format=runai_streamer")
        .noneMatch(word -> word.startsWith("--download-dir") || word.startsWith("--load_format"));
    assertThat(Renderings.pod(rendered).at("/volumes/0/hostPath/path").asText())
        .isEqualTo(directory);
    assertThat(Renderings.container(rendered, "w").at("/volumeMounts/0/readOnly").asBoolean())
        .isTrue();
  }

  @Test
  void kernelsAreCompiledWithAToolkitOfThePodsOwn() {
    Rendered rendered =
        Renderings.render(
            workspace(
                "w",
                "Standard_ND96isr_H200_v5",
                "",
                "inference: {preset: {name: deepseek-ai/DeepSeek-V4-Flash-0731}}"));

    assertThat(command(rendered, "cuda-toolkit-provisioner"))
        .containsExactly(
            "flock", "/opt/kaito/cuda/129", "/workspace/cuda-provision.sh", "/opt/kaito/cuda/129");
    assertThat(Renderings.pod(rendered).toString()).doesNotContain("hostPath");
  }

  @Test
  void aLoadBalancerPublishesTheModelAndNothingElse() {
    for (String runtime : List.of("legacy-image", "vllm", "transformers")) {
      Rendered rendered =
          Renderings.render(phi("kaito.sh/enablelb: \"True\", kaito.sh/runtime: " + runtime, ""));
      JsonNode spec = Renderings.object(rendered, "Service", "w").path("spec");

      assertThat(spec.path("type").asText()).as(runtime).isEqualTo("LoadBalancer");
      assertThat(spec.path("ports").findValuesAsText("port")).as(runtime).containsExactly("80");
    }
  }

  @Test
  void settingsModeAndTokenReachTheServer() {
    Workspace workspace =
        workspace(
            "w",
            "Standard_NC24ads_A100_v4",
            "kaito.sh/performance-mode: throughput",
            """
            inference:
              preset: {name: phi-4-mini-instruct, presetOptions: {modelAccessSecret: hub}}
              config: settings
            """);
    Rendered rendered =
        Renderings.render(
            workspace,
            Map.of(
                "settings",
                Map.of(
                    "inference_config.yaml", "vllm: {max-model-len: 4096, enforce_eager: true}")));

    assertThat(command(rendered, "w"))
        .contains("--performance-mode=throughput", "--max-model-len=4096", "--enforce-eager");
    assertThat(Renderings.container(rendered, "w").path("env").toString())
        .contains("{\"secretKeyRef\":{\"name\":\"hub\",\"key\":\"HF_TOKEN\"}}");
  }

  @Test
  void aMissingConfigMapIsNamed() {
    RenderInputs inputs =
        Renderings.inputs(phi("kaito.sh/runtime: vllm", "  config: settings\n"), Map.of()).build();

    assertThat(Manifests.render(inputs))
        .isEqualTo(new NeedsConfigMap("settings", "inference_config.yaml", "inference.config"));
  }

  @Test
  void settingsThatDoNotConcernTheRuntimeHoldNothingUp() {
    RenderInputs inputs =
        Renderings.inputs(phi("kaito.sh/runtime: legacy-image", "  config: settings\n"), Map.of())
            .build();

    assertThat(Manifests.render(inputs)).isInstanceOf(Rendered.class);
    assertThat(inputs.plan().warnings())
        .anyMatch(warning -> warning.path().equals("inference.config"));
  }

  @Test
  void settingsThatContradictThePlanAreRefused() {
    Workspace workspace = phi("", "  config: settings\n");
    PlanOutcome outcome =
        Planner.builder()
            .build()
            .plan(
                workspace,
                PlanInputs.builder()
                    .inferenceConfig("vllm: {tensor-parallel-size: 8, port: 1}")
                    .build());

    assertThat(outcome.toString())
        .contains("tensor-parallel-size")
        .contains("run with \"1\"")
        .contains("run with \"5000\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kaito.sh/streaming-service-account: sa            | model mirror controller",
        "kaito.sh/model-mirror-storage-class: sc           | model mirror controller",
        "inference.kaito.sh/static-model-mirror: \"true\"  | model mirror controller",
        "kaito.sh/model-streaming: enabled                 | model mirror controller"
      })
  void whatNeedsAnotherControllerIsRefused(String annotation, String reason) {
    assertThat(refusal(phi(annotation.trim(), "")).toString()).contains(reason.trim());
  }

  @Test
  void localWeightsNeedVllm() {
    assertThat(
            refusal(phi("kaito.sh/use-local-weights: \"true\", kaito.sh/runtime: legacy-image", ""))
                .toString())
        .contains("works with vLLM alone");
  }

  @Test
  void namesThatNoServiceCanHaveAreRefused() {
    String body = "inference: {preset: {name: phi-4}}";

    assertThat(refusal(workspace("3b", "Standard_NC24ads_A100_v4", "", body)).toString())
        .contains("begins with a digit");
    assertThat(refusal(workspace("a-headless", "Standard_NC24ads_A100_v4", "", body)).toString())
        .contains("headless Service of another workspace");
  }

  @Test
  void theSameInputsGiveTheSameBytes() {
    Workspace workspace = phi("", "");
    Manifest first = Renderings.render(workspace).workloadManifest();
    Manifest second = Renderings.render(workspace).workloadManifest();

    assertThat(second.toJson()).isEqualTo(first.toJson());
    assertThat(first.inputHash()).isEqualTo(Manifests.inputHash(workspace, Map.of()));
  }

  @Test
  void theHashOfTheInputsIsThatOfTheUsersWish() {
    Workspace plain = phi("", "");
    Workspace defaulted =
        workspace(
            "w",
            "Standard_NC24ads_A100_v4",
            "",
            "inference: {preset: {name: phi-3-mini-128k-instruct, accessMode: public}}");
    Workspace configured = phi("", "  config: c\n");
    Map<String, Map<String, String>> one = Map.of("c", Map.of("inference_config.yaml", "vllm: {}"));
    Map<String, Map<String, String>> two =
        Map.of("c", Map.of("inference_config.yaml", "vllm: {max-num-seqs: 1}"));
    Map<String, Map<String, String>> otherKey =
        Map.of("c", Map.of("inference_config.yaml", "vllm: {}", "unread", "x"));

    assertThat(Manifests.inputHash(defaulted, Map.of()))
        .as("what the definition fills in is no wish")
        .isEqualTo(Manifests.inputHash(plain, Map.of()));
    assertThat(Manifests.inputHash(configured, two))
        .as("the settings are part of it")
        .isNotEqualTo(Manifests.inputHash(configured, one));
    assertThat(Manifests.inputHash(configured, otherKey))
        .isEqualTo(Manifests.inputHash(configured, one));
    assertThat(Manifests.inputHash(phi("kaito.sh/runtime: transformers", ""), Map.of()))
        .isNotEqualTo(Manifests.inputHash(plain, Map.of()));
  }

  @Test
  void pinnedChoicesComeBack() {
    PinnedChoices pinned = Renderings.render(phi("", "")).pinned();
    PlanInputs.Builder inputs = PlanInputs.builder();

    assertThat(PinnedChoices.read(pinned.toJson())).contains(pinned);
    assertThat(PinnedChoices.read("{}")).isEmpty();
    assertThat(PinnedChoices.read("no json")).isEmpty();
    new PinnedChoices(pinned.runtime(), Optional.of("r.example/older:0.4.0"), 1, 1).keepIn(inputs);
    assertThat(Planner.builder().build().plan(phi("", ""), inputs.build()).orElseThrow().image())
        .contains("r.example/older:0.4.0");
  }

  @Test
  void fieldsThatTheServerWillNotChangeAreNamed() {
    Manifest single = Renderings.render(phi("", "")).workloadManifest();
    Manifest legacy =
        Renderings.render(phi("kaito.sh/runtime: legacy-image", "")).workloadManifest();
    String live =
        """
        {"spec": {"serviceName": "w-headless", "podManagementPolicy": "Parallel", "replicas": 7,
         "selector": {"matchLabels": {"kaito.sh/workspace": "w"}}, "revisionHistoryLimit": 10,
         "volumeClaimTemplates": [{"metadata": {"name": "model-weights-volume"}}]}}
        """;

    assertThat(single.immutableDifferences(live.getBytes(StandardCharsets.UTF_8)))
        .containsExactly("spec.serviceName", "spec.volumeClaimTemplates");
    assertThat(single.immutableDifferences(single.toJson())).isEmpty();
    assertThat(legacy.immutableDifferences(legacy.toJson())).isEmpty();
  }
}
