package sh.kaito.core.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.DataSource;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.naming.DerivedNames;

/** Plans a workspace that serves a preset. */
final class InferencePlanning {
  private static final String PRESET = "inference.preset";

  /** What vLLM starts with where nobody says otherwise; above it, CUDA graphs may run out. */
  private static final double SAFE_UTILIZATION = 0.90;

  private final Planning planning;
  private final InferenceSpec inference;
  private final PresetSpec presetSpec;

  InferencePlanning(Planning planning, InferenceSpec inference) {
    this.planning = planning;
    this.inference = inference;
    this.presetSpec = inference.preset().orElseGet(() -> PresetSpec.builder().build());
  }

  Optional<Plan> plan() {
    NodeResolver.Nodes nodes = planning.resolver.resolve();
    Optional<ModelPreset> preset = planning.preset(PRESET, inference.preset());
    if (preset.isEmpty()) {
      return Optional.empty();
    }
    if (nodes.gpus().isEmpty() && preset.get().baseImage().isPresent()) {
      // Why the GPUs are unknown was reported already; a second complaint would not help.
      return Optional.empty();
    }
    RuntimeDecision decision = RuntimeDecision.of(runtimeRequest(preset.get(), nodes));
    if (decision instanceof RuntimeRefusal refusal) {
      planning.problems.add(
          Problem.of("V-54", refusal.path(), refusal.found(), refusal.problem(), refusal.advice()));
      return Optional.empty();
    }
    RuntimeChoice choice = (RuntimeChoice) decision;
    commonReferences();
    UnsupportedWishes.ofRuntime(planning, choice.runtime());
    adapterNames(preset.get(), choice.runtime());
    planning.loadBalancerHint();
    return switch (choice.runtime()) {
      case LEGACY_IMAGE ->
          new LegacyImagePlanning(
                  planning,
                  presetSpec,
                  inference.adapters().size(),
                  preset.get(),
                  preset.get().legacyImage().orElseThrow())
              .plan(choice, nodes);
      case TRANSFORMERS, VLLM ->
          baseImage(
              preset.get(),
              preset.get().facts().orElseThrow(),
              preset.get().baseImage().orElseThrow(),
              choice,
              nodes);
    };
  }

  private RuntimeRequest runtimeRequest(ModelPreset preset, NodeResolver.Nodes nodes) {
    Map<String, String> strengths = new LinkedHashMap<>();
    for (AdapterSpec adapter : inference.adapters()) {
      adapter
          .strength()
          .ifPresent(
              strength ->
                  strengths.put(
                      adapter.source().flatMap(DataSource::name).orElse("without name"), strength));
    }
    return RuntimeRequest.builder()
        .preset(preset)
        .gpus(nodes.gpus())
        .instanceType(nodes.name())
        .pinned(planning.inputs.pinnedRuntime())
        .annotation(planning.workspace.annotation(KaitoAnnotations.RUNTIME))
        .privateImage(presetSpec.isPrivate())
        .adapterStrengths(strengths)
        .build();
  }

  private void commonReferences() {
    PresetOptions options = presetSpec.presetOptions();
    options
        .modelAccessSecret()
        .ifPresent(
            name ->
                planning.secret(name, KaitoApi.MODEL_ACCESS_SECRET_KEY, "token for the model hub"));
    inference
        .config()
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                planning.reference(
                    "ConfigMap", name, KaitoApi.INFERENCE_CONFIG_KEY, "server settings"));
    for (AdapterSpec adapter : inference.adapters()) {
      adapter
          .source()
          .ifPresent(
              source -> {
                String name = source.name().orElse("");
                source
                    .image()
                    .ifPresent(
                        image -> planning.images.add(new PlannedImage("adapter " + name, image)));
                if (source.image().isPresent() && !source.imagePullSecrets().isEmpty()) {
                  planning.image("adapter puller", planning.settings.tools.puller());
                }
                planning.claim(source.volumeSource(), "files of adapter " + name);
                for (String secret : source.imagePullSecrets()) {
                  planning.secret(secret, "", "pulls the image of adapter " + name);
                }
              });
    }
  }

  private Optional<Plan> baseImage(
      ModelPreset preset,
      ModelFacts facts,
      BaseImageRecipe recipe,
      RuntimeChoice choice,
      NodeResolver.Nodes nodes) {
    ignoredFields(preset);
    gatedHint(facts);
    if (nodes.gpus().isEmpty()) {
      return Optional.empty();
    }
    GpuShape gpus = nodes.gpus().get();
    Plan.Builder plan = planning.start(WorkloadKind.INFERENCE).preset(preset).runtime(choice);
    Optional<NodePlan> nodePlan =
        choice.runtime() == ServingRuntime.VLLM
            ? vllm(facts, recipe, nodes, gpus, plan)
            : transformers(facts, nodes, gpus, plan);
    if (nodePlan.isEmpty()) {
      return Optional.empty();
    }
    int count = nodePlan.get().count();
    String name = planning.key.name();
    planning.nodeObjects(count);
    planning.objects.add(
        new PlannedObject(
            "apps/v1",
            "StatefulSet",
            DerivedNames.statefulSet(name),
            PlanText.count(count, "replica")));
    planning.objects.add(new PlannedObject("v1", "Service", name, "80 to 5000"));
    if (count > 1 && choice.runtime() == ServingRuntime.VLLM) {
      planning.objects.add(
          new PlannedObject("v1", "Service", DerivedNames.headlessService(name), "headless"));
    }
    String image = planning.publicImage(recipe.image(planning.settings.imageRegistry));
    planning.images.add(0, new PlannedImage("model server", image));
    return Optional.of(
        planning.finishWithDownload(
            plan.image(image)
                .servedModelName(planning.servedName(recipe))
                .httpDialect(HttpDialect.OPENAI)
                .deadlines(Deadlines.builder().modelReady(facts.startupBudget()).build()),
            nodePlan.get(),
            facts.weightsBytes()));
  }

  private Optional<NodePlan> vllm(
      ModelFacts facts,
      BaseImageRecipe recipe,
      NodeResolver.Nodes nodes,
      GpuShape gpus,
      Plan.Builder plan) {
    ServerConfig config = config();
    SizingOptions.Builder options = config.sizing(facts.maxModelLen(), planning.problems);
    if (recipe.vllmArgs().getOrDefault("kv-cache-dtype", "").startsWith("fp8")) {
      options.kvElementBytes(1);
    }
    int ownNodes = planning.inputs.nodeLabels().map(List::size).orElse(0);
    boolean byo = planning.settings.bringYourOwn;
    if (planning.inputs.pinnedNodeCount().isPresent()) {
      options.fixedNodes(planning.inputs.pinnedNodeCount());
    } else if (byo && planning.bypass()) {
      options.fixedNodes(gpus.canSpan() ? Math.max(1, ownNodes) : 1);
      planning.warnings.add(
          Problem.warning(
              "metadata.annotations[" + KaitoAnnotations.BYPASS_RESOURCE_CHECKS + "]",
              "whether the model fits was not checked",
              ""));
    } else if (byo && gpus.canSpan()) {
      options.maxNodes(ownNodes);
    }
    SizingOutcome outcome = Sizing.of(facts, gpus, options.build());
    if (outcome instanceof SizingRefusal refusal) {
      planning.problems.add(
          Problem.of(
              "V-27",
              planning.settings.bringYourOwn ? "resource" : NodeResolver.INSTANCE_TYPE,
              nodes.name().orElse(""),
              (nodes.name().isPresent() ? "is too small: " : "") + refusal.reason(),
              refusal.advice()));
      return Optional.empty();
    }
    Sizing sizing = (Sizing) outcome;
    plan.sizing(sizing).layout(sizing.layout());
    plan.inferenceConfig(planning.inputs.inferenceConfig());
    planning.problems.addAll(config.conflicts(fixedFlags(facts, recipe, sizing)));
    countHint(sizing.nodes());
    oneNodeLessHint(sizing);
    return Optional.of(
        planning
            .nodes(nodes)
            .count(sizing.nodes())
            .reason(sizingReason(sizing))
            .gpusPerPod(gpus.count())
            .diskGiB(facts.diskGiB())
            .build());
  }

  /** Flags that follow from model, nodes and library; spelt with dashes. */
  private Map<String, String> fixedFlags(ModelFacts facts, BaseImageRecipe recipe, Sizing sizing) {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("model", facts.huggingFaceId().toLowerCase(Locale.ROOT));
    flags.put("served-model-name", planning.servedName(recipe));
    flags.put("port", String.valueOf(HttpDialect.CONTAINER_PORT));
    flags.put("download-dir", "/workspace/weights");
    flags.put("tensor-parallel-size", String.valueOf(sizing.layout().tensor()));
    flags.put("pipeline-parallel-size", String.valueOf(sizing.layout().pipeline()));
    flags.put("data-parallel-size", String.valueOf(sizing.layout().data()));
    flags.put("distributed-executor-backend", sizing.nodes() > 1 ? "ray" : "mp");
    flags.put("enable-lora", String.valueOf(!inference.adapters().isEmpty()));
    planning
        .workspace
        .annotation(KaitoAnnotations.PERFORMANCE_MODE)
        .ifPresent(mode -> flags.put("performance-mode", mode));
    return flags;
  }

  /**
   * The name of an adapter becomes the name of a model under vLLM, of an environment variable under
   * the others.
   */
  private void adapterNames(ModelPreset preset, ServingRuntime runtime) {
    for (int i = 0; i < inference.adapters().size(); i++) {
      AdapterSpec adapter = inference.adapters().get(i);
      String name = adapter.source().flatMap(DataSource::name).orElse("");
      String path = "inference.adapters[" + i + "].source.name";
      boolean servedName =
          preset.baseImage().filter(recipe -> planning.servedName(recipe).equals(name)).isPresent();
      if (runtime == ServingRuntime.VLLM && servedName) {
        planning.problems.add(
            Problem.of(
                "V-61",
                path,
                name,
                "is the name under which the model itself is served",
                "rename the adapter"));
      }
      boolean letterFirst = !name.isEmpty() && Character.isLetter(name.charAt(0));
      boolean variable = letterFirst && name.equals(name.toLowerCase(Locale.ROOT));
      if (runtime != ServingRuntime.VLLM && !variable && isScaled(adapter)) {
        planning.problems.add(
            Problem.of(
                "V-63",
                path,
                name,
                "names the environment variable that holds its strength, and such a name begins"
                    + " with a letter and has no capitals here",
                "rename the adapter, or leave the strength at 1.0"));
      }
    }
  }

  private static boolean isScaled(AdapterSpec adapter) {
    try {
      return Double.parseDouble(adapter.strength().orElse("1.0").trim()) != 1.0;
    } catch (NumberFormatException e) {
      // What is no number was reported by the structural rules.
      return false;
    }
  }

  private ServerConfig config() {
    if (planning.inputs.inferenceConfig().isPresent()) {
      return ServerConfig.read(planning.inputs.inferenceConfig().get(), planning.problems);
    }
    inference
        .config()
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                planning.warnings.add(
                    Problem.warning(
                        "inference.config",
                        "the plan was made without reading ConfigMap " + name,
                        "its max-model-len or gpu-memory-utilization may change the number of"
                            + " nodes")));
    return ServerConfig.empty();
  }

  private String sizingReason(Sizing sizing) {
    if (planning.inputs.pinnedNodeCount().isPresent()) {
      return "this number was decided on before and stays";
    }
    String reason =
        sizing.nodes() == 1
            ? "the model fits one node"
            : "fewer nodes cannot hold the model and " + context(sizing);
    return sizing.forcedBy().isEmpty()
        ? reason
        : reason + "; forced by this: " + String.join("; ", sizing.forcedBy());
  }

  private void oneNodeLessHint(Sizing sizing) {
    double share = Math.ceil(sizing.utilizationForOneNodeLess().orElse(1) * 100) / 100;
    if (share <= SAFE_UTILIZATION && planning.inputs.pinnedNodeCount().isEmpty()) {
      planning.warnings.add(
          Problem.warning(
              "inference.config",
              String.format(
                  Locale.ROOT,
                  "%s would do if the server used %.2f of the GPU memory instead of %.2f",
                  PlanText.count(sizing.nodes() - 1, "node"),
                  share,
                  sizing.utilization()),
              String.format(
                  Locale.ROOT,
                  "set vllm.gpu-memory-utilization: %.2f in a ConfigMap and name it here",
                  share)));
    }
  }

  private static String context(Sizing sizing) {
    return String.format(Locale.ROOT, "a context of %,d tokens", sizing.contextTokens());
  }

  private void countHint(int nodes) {
    int asked = planning.workspace.resource().count().orElse(nodes);
    if (asked != nodes && !(asked == 1)) {
      planning.warnings.add(
          Problem.warning(
              "resource.count",
              "is "
                  + asked
                  + " and is not used: with vLLM the number of nodes is computed ("
                  + nodes
                  + ")",
              "remove it"));
    }
  }

  private Optional<NodePlan> transformers(
      ModelFacts facts, NodeResolver.Nodes nodes, GpuShape gpus, Plan.Builder plan) {
    int count = planning.requestedCount();
    MemoryCheck check =
        MemoryCheck.builder()
            .basis("the weights must fit one node")
            .gpusNeeded(1)
            .gpusAvailable(gpus.count())
            .perGpuNeededGiB(0)
            .perGpuAvailableGiB(gpus.memoryGiB())
            .totalNeededGiB(facts.weightsBytes() / Sizing.GIB)
            .build();
    if (!check.enough()) {
      planning.problems.add(
          Problem.of(
              "V-29",
              NodeResolver.INSTANCE_TYPE,
              nodes.name().orElse(""),
              String.format(
                  Locale.ROOT,
                  "is too small: the weights are %.1f GiB, a node has %.0f GiB of GPU memory, and the"
                      + " transformers server cannot use more than one node",
                  check.totalNeededGiB(),
                  check.totalAvailableGiB()),
              "choose a larger instance type, or let vLLM serve the model"));
      return Optional.empty();
    }
    plan.memoryCheck(check);
    return Optional.of(
        planning
            .nodes(nodes)
            .count(count)
            .reason(planning.countReason(count))
            .gpusPerPod(gpus.count())
            .diskGiB(facts.diskGiB())
            .build());
  }

  private void ignoredFields(ModelPreset preset) {
    PresetOptions options = presetSpec.presetOptions();
    if (presetSpec.isPrivate() || options.image().isPresent()) {
      planning.warnings.add(
          Problem.warning(
              PRESET + ".presetOptions.image",
              "is not used: " + preset.name() + " is served from the shared base image here",
              preset.legacyImage().isPresent()
                  ? "set the annotation kaito.sh/runtime: legacy-image to use it"
                  : "remove accessMode and presetOptions.image"));
    }
  }

  private void gatedHint(ModelFacts facts) {
    if (facts.gated() && presetSpec.presetOptions().modelAccessSecret().isEmpty()) {
      planning.warnings.add(
          Problem.warning(
              PRESET + ".presetOptions.modelAccessSecret",
              "is missing, and the hub gives "
                  + facts.huggingFaceId()
                  + " only to holders of a token, so the download will fail",
              "accept the licence on the hub, store your token under key HF_TOKEN of a Secret, and"
                  + " name it here"));
    }
  }
}
