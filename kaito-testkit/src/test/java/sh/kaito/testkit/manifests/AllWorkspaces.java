package sh.kaito.testkit.manifests;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.PresetRegistry;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.manifest.Manifests;
import sh.kaito.core.manifest.Owner;
import sh.kaito.core.manifest.RenderInputs;
import sh.kaito.core.manifest.Rendered;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.Planner;

/** Workspaces with every preset, runtime and feature, and their objects. */
final class AllWorkspaces {
  private static final String UID = "0b0c6c1e-0000-4000-8000-000000000000";
  private static final Planner PLANNER = Planner.builder().build();

  /** From small to large; the first that a model fits is taken. */
  private static final List<String> INSTANCE_TYPES =
      List.of(
          "Standard_NC24ads_A100_v4",
          "Standard_NC48ads_A100_v4",
          "Standard_NC96ads_A100_v4",
          "Standard_ND96isr_H100_v5",
          "Standard_ND96isr_H200_v5");

  private static final String INFERENCE_CONFIG =
      """
      kv_cache_cpu_memory_utilization: 0.3
      vllm:
        cpu-offload-gb: 0
        enable-prefix-caching: false
        max_num_seqs: 64
      """;

  private static final String TRAINING_CONFIG =
      """
      training_config:
        QuantizationConfig: {load_in_4bit: true}
        TrainingArguments: {output_dir: results/mine, num_train_epochs: 2}
      """;

  private static final Map<String, Map<String, String>> CONFIG_MAPS =
      Map.of(
          "server",
          Map.of("inference_config.yaml", INFERENCE_CONFIG),
          "trainer",
          Map.of("training_config.yaml", TRAINING_CONFIG));

  private AllWorkspaces() {}

  /** Every workspace that can be rendered, by what it shows. */
  static Map<String, Rendered> rendered() {
    Map<String, Rendered> all = new LinkedHashMap<>();
    for (ModelPreset preset : PresetRegistry.builtIn().presets()) {
      for (ServingRuntime runtime : preset.runtimes()) {
        inference(all, preset, runtime);
      }
      if (preset.tunable()) {
        tuning(all, preset);
      }
    }
    templates(all);
    return all;
  }

  private static void inference(
      Map<String, Rendered> all, ModelPreset preset, ServingRuntime runtime) {
    String name = preset.name() + " " + runtime;
    boolean secretImage =
        runtime == ServingRuntime.LEGACY_IMAGE && !preset.legacyImage().orElseThrow().publicImage();
    String model =
        secretImage
            ? """
              {name: "%s", accessMode: private, presetOptions: {image: "r.example/llama:1", imagePullSecrets: [pull]}}\
              """
                .formatted(preset.name())
            : "{name: \"" + preset.name() + "\"}";
    String annotations = "kaito.sh/runtime: " + runtime.wireName();
    String body = "inference: {preset: " + model + "}";
    all.put(name, fitting(all, name, annotations, body));
    all.put(
        name + " load balancer",
        fitting(all, name, annotations + ", kaito.sh/enablelb: \"True\"", body));
    boolean group = secretImage && preset.legacyImage().orElseThrow().distributed();
    if (!group) {
      all.put(
          name + " adapters",
          fitting(
              all,
              name,
              annotations,
              """
              inference:
                preset: %s
                adapters:
                  - source: {name: own-image, image: "r.example/a:1"}
                  - source: {name: pulled, image: "r.example/b:1", imagePullSecrets: [pull]}
                    strength: "1.0"
                  - source: {name: mounted, volumeSource: {persistentVolumeClaim: {claimName: c}}}
              """
                  .formatted(model)));
    }
    if (runtime == ServingRuntime.VLLM) {
      all.put(
          name + " settings, mode, token",
          fitting(
              all,
              name,
              annotations + ", kaito.sh/performance-mode: throughput",
              """
              inference:
                preset: {name: "%s", presetOptions: {modelAccessSecret: token}}
                config: server
              """
                  .formatted(preset.name())));
      all.put(
          name + " local weights",
          fitting(all, name, annotations + ", kaito.sh/use-local-weights: \"true\"", body));
    }
  }

  private static void tuning(Map<String, Rendered> all, ModelPreset preset) {
    List<String> inputs =
        List.of(
            "{urls: [\"https://example.com/a.parquet?token=1\"]}",
            "{image: \"r.example/data:1\"}",
            "{name: set, image: \"r.example/data:1\", imagePullSecrets: [pull]}",
            "{volumeSource: {persistentVolumeClaim: {claimName: data}}}");
    List<String> outputs =
        List.of(
            "{image: \"r.example/out:1\", imagePushSecret: push}",
            "{volumeSource: {persistentVolumeClaim: {claimName: out}}}");
    for (String runtime : List.of("legacy-image", "vllm")) {
      for (String settings :
          List.of("method: lora", "method: qlora", "method: qlora\n  config: trainer")) {
        for (int i = 0; i < inputs.size(); i++) {
          String input = inputs.get(i);
          for (String output : outputs.subList(i % 2, i % 2 + 1)) {
            String name = String.join(" ", "tune", preset.name(), runtime, settings, input, output);
            all.put(
                name,
                fitting(
                    all,
                    name,
                    "kaito.sh/runtime: " + runtime,
                    """
                    tuning:
                      preset: {name: "%s"}
                      %s
                      input: %s
                      output: %s
                    """
                        .formatted(preset.name(), settings, input, output)));
          }
        }
      }
    }
  }

  private static void templates(Map<String, Rendered> all) {
    all.put(
        "template",
        fitting(
            all,
            "template",
            "{}",
            """
            inference:
              template:
                metadata: {labels: {mine: "1"}, annotations: {also: mine}}
                spec:
                  nodeSelector: {disk: fast}
                  affinity:
                    nodeAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        nodeSelectorTerms:
                          - matchExpressions: [{key: zone, operator: In, values: [a]}]
                          - matchFields: [{key: metadata.name, operator: In, values: [n]}]
                  tolerations: [{key: sku, operator: Equal, value: gpu, effect: NoSchedule}]
                  containers:
                    - name: server
                      image: r.example/server:1
                      args: ["$(HOST)", "$literal"]
                      resources: {limits: {nvidia.com/gpu: 1}}
            """));
  }

  /** On the first instance type and number of nodes that the model fits. */
  private static Rendered fitting(
      Map<String, Rendered> all, String what, String annotations, String body) {
    List<String> reasons = new ArrayList<>();
    for (String type : INSTANCE_TYPES) {
      for (int count : what.startsWith("tune") ? List.of(1) : List.of(1, 2, 4)) {
        Workspace workspace =
            Workspaces.read(
                """
                apiVersion: kaito.sh/v1beta1
                kind: Workspace
                metadata: {name: w%d, namespace: default, annotations: {%s}}
                resource: {instanceType: %s, count: %d, labelSelector: {matchLabels: {apps: w}}}
                """
                        .formatted(all.size(), annotations.replace("{}", ""), type, count)
                    + body);
        PlanOutcome outcome = PLANNER.plan(workspace, inputs(workspace));
        if (outcome instanceof Plan plan) {
          return render(workspace, plan);
        }
        reasons.add(type + " x " + count + ": " + outcome);
      }
    }
    throw new AssertionError(what + " fits nowhere:\n" + String.join("\n", reasons));
  }

  private static PlanInputs inputs(Workspace workspace) {
    PlanInputs.Builder inputs = PlanInputs.builder();
    Manifests.configMaps(workspace)
        .forEach(
            reference -> {
              if (reference.path().equals("inference.config")) {
                inputs.inferenceConfig(INFERENCE_CONFIG);
              } else {
                inputs.trainingConfig(TRAINING_CONFIG);
              }
            });
    return inputs.build();
  }

  private static Rendered render(Workspace workspace, Plan plan) {
    return Manifests.render(
            RenderInputs.builder()
                .plan(plan)
                .workspace(workspace)
                .owner(new Owner(workspace.key(), "kaito.sh/v1beta1", UID))
                .constraints(
                    new NodeConstraints(
                        Map.of("apps", "w", KaitoLabels.OWNER_UID, UID),
                        List.of(new NodeConstraints.Taint("sku", "gpu", "NoSchedule"))))
                .configMaps(CONFIG_MAPS)
                .localDiskStorageClass(Optional.of("kaito-local-nvme-disk"))
                .build())
        .orElseThrow();
  }
}
