package sh.kaito.core.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.ComputeCapability;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.naming.DerivedNames;

/** Plans a workspace that fine-tunes a preset. */
final class TuningPlanning {
  private static final String PRESET = "tuning.preset";

  private final Planning planning;
  private final TuningSpec tuning;

  TuningPlanning(Planning planning, TuningSpec tuning) {
    this.planning = planning;
    this.tuning = tuning;
  }

  Optional<Plan> plan() {
    NodeResolver.Nodes nodes = planning.resolver.resolve();
    Optional<ModelPreset> preset = planning.preset(PRESET, tuning.preset());
    if (preset.isEmpty()) {
      return Optional.empty();
    }
    if (!preset.get().tunable()) {
      List<String> tunable =
          planning.settings.presets.presets().stream()
              .filter(ModelPreset::tunable)
              .map(ModelPreset::name)
              .toList();
      planning.problems.add(
          Problem.of(
              "V-83",
              PRESET + ".name",
              preset.get().name(),
              "cannot be fine-tuned: no recipe for it exists",
              tunable,
              List.of(),
              ""));
      return Optional.empty();
    }
    nodes
        .gpus()
        .filter(gpus -> !gpus.nvidia())
        .ifPresent(
            gpus ->
                planning.problems.add(
                    Problem.of(
                        "V-54",
                        NodeResolver.INSTANCE_TYPE,
                        nodes.name().orElse(""),
                        "has "
                            + gpus.product()
                            + ", and the trainer's images run on NVIDIA GPUs only",
                        "choose an instance type with NVIDIA GPUs")));
    Optional<RuntimeChoice> choice = runtime(preset.get(), nodes);
    if (choice.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(make(preset.get(), choice.get(), nodes));
  }

  private Optional<RuntimeChoice> runtime(ModelPreset preset, NodeResolver.Nodes nodes) {
    Optional<BaseImageRecipe.Tuning> base = preset.baseImage().flatMap(BaseImageRecipe::tuning);
    Optional<LegacyImageRecipe.Tuning> image =
        preset.legacyImage().flatMap(LegacyImageRecipe::tuning);
    if (planning.inputs.pinnedRuntime().isPresent()) {
      return planning
          .inputs
          .pinnedRuntime()
          .map(
              runtime ->
                  new RuntimeChoice(runtime, "the running Job keeps what it was created with"));
    }
    String asked = planning.workspace.annotation(KaitoAnnotations.RUNTIME).orElse("");
    if (asked.equals(ServingRuntime.LEGACY_IMAGE.wireName()) && image.isPresent()) {
      return Optional.of(
          new RuntimeChoice(
              ServingRuntime.LEGACY_IMAGE, "the annotation kaito.sh/runtime asks for it"));
    }
    if (isPrivate() && image.isPresent()) {
      return Optional.of(
          new RuntimeChoice(
              ServingRuntime.LEGACY_IMAGE, "the private image holds trainer and weights"));
    }
    Optional<ComputeCapability> capability = nodes.gpus().flatMap(GpuShape::computeCapability);
    boolean modern =
        capability.filter(found -> found.atLeast(ComputeCapability.AMPERE)).isPresent();
    if (base.isPresent() && (modern || image.isEmpty())) {
      if (!modern && capability.isPresent()) {
        planning.problems.add(
            Problem.of(
                "V-54",
                NodeResolver.INSTANCE_TYPE,
                nodes.name().orElse(""),
                "has compute capability "
                    + capability.get()
                    + "; "
                    + preset.name()
                    + " is tuned with the base image, which needs "
                    + ComputeCapability.AMPERE,
                "choose an instance type with an A10, A100 or newer GPU"));
        return Optional.empty();
      }
      return Optional.of(
          new RuntimeChoice(
              ServingRuntime.TRANSFORMERS, "the base image holds the trainer for this model"));
    }
    String reason =
        base.isPresent() && capability.isPresent()
            ? nodes.name().orElse("the GPU")
                + " has compute capability "
                + capability.get()
                + ", the base image needs "
                + ComputeCapability.AMPERE
                + "; the model's own image runs on it"
            : preset.name() + " exists only as an image of its own";
    return Optional.of(new RuntimeChoice(ServingRuntime.LEGACY_IMAGE, reason));
  }

  private boolean isPrivate() {
    return tuning.preset().filter(PresetSpec::isPrivate).isPresent();
  }

  private Plan make(ModelPreset preset, RuntimeChoice choice, NodeResolver.Nodes nodes) {
    boolean legacy = choice.runtime() == ServingRuntime.LEGACY_IMAGE;
    int declared;
    int disk;
    String image;
    if (legacy) {
      LegacyImageRecipe recipe = preset.legacyImage().orElseThrow();
      LegacyImageRecipe.Tuning recipeTuning = recipe.tuning().orElseThrow();
      declared = recipeTuning.needs().perGpuMemoryGiB();
      disk = Math.max(recipeTuning.needs().diskGiB(), recipe.needs().diskGiB());
      image =
          isPrivate()
              ? tuning.preset().flatMap(spec -> spec.presetOptions().image()).orElse("")
              : planning.publicImage(
                  planning.settings.imageRegistry
                      + "/"
                      + recipe.repository().orElse("")
                      + ":"
                      + recipeTuning.tag());
      if (image.isEmpty()) {
        planning.problems.add(
            Problem.of(
                "V-56",
                PRESET + ".presetOptions.image",
                "",
                "is missing, and accessMode private means that the image is yours",
                "name the image, or set accessMode: public"));
      }
    } else {
      BaseImageRecipe recipe = preset.baseImage().orElseThrow();
      BaseImageRecipe.Tuning recipeTuning = recipe.tuning().orElseThrow();
      declared = recipeTuning.memoryHintGiB();
      disk = recipeTuning.diskGiB();
      image = planning.publicImage(recipe.image(planning.settings.imageRegistry));
    }
    planning.images.add(new PlannedImage(legacy ? "trainer with weights" : "trainer", image));
    Optional<String> weights =
        legacy
            ? Optional.empty()
            : preset
                .baseImage()
                .flatMap(BaseImageRecipe::tuning)
                .map(recipe -> planning.settings.imageRegistry + "/" + recipe.weightsArtifact());
    weights.ifPresent(
        artifact -> {
          planning.images.add(new PlannedImage("weights", artifact));
          planning.image("weights downloader", planning.settings.tools.weights());
        });
    data();
    Optional<MemoryCheck> check =
        nodes.gpus().map(gpus -> TuningEstimate.of(preset, method(), declared, gpus));
    check.ifPresent(found -> memoryHint(found, declared));
    bfloatHint(nodes);
    planning.nodeObjects(1);
    planning.objects.add(
        new PlannedObject("batch/v1", "Job", planning.key.name(), "one pod, never restarted"));
    long weightsBytes = preset.facts().map(ModelFacts::weightsBytes).orElse(0L);
    NodePlan nodePlan =
        planning
            .nodes(nodes)
            .count(1)
            .reason("fine-tuning uses one node")
            .gpusPerPod(nodes.gpus().map(GpuShape::count).orElse(1))
            .diskGiB(disk)
            .build();
    Plan.Builder plan =
        planning
            .start(WorkloadKind.TUNING)
            .preset(preset)
            .runtime(choice)
            .layout(new ParallelLayout(1, 1, nodes.gpus().map(GpuShape::count).orElse(1)))
            .memoryCheck(check)
            .image(image)
            .weightsImage(weights)
            .deadlines(
                preset
                    .facts()
                    .map(facts -> Deadlines.builder().modelReady(facts.startupBudget()).build())
                    .orElseGet(() -> Deadlines.builder().build()));
    return legacy
        ? planning.finishWithWeights(
            plan,
            nodePlan,
            weightsBytes,
            preset.legacyImage().map(own -> own.needs().totalGpuMemoryGiB()).orElse(0))
        : planning.finishWithDownload(plan, nodePlan, weightsBytes);
  }

  private TuningMethod method() {
    return tuning.tuningMethod().orElse(TuningMethod.LORA);
  }

  private void data() {
    tuning
        .config()
        .filter(name -> !name.isEmpty())
        .ifPresentOrElse(
            name ->
                planning.reference(
                    "ConfigMap", name, KaitoApi.TRAINING_CONFIG_KEY, "training settings"),
            () ->
                planning.objects.add(
                    new PlannedObject(
                        "v1",
                        "ConfigMap",
                        DerivedNames.trainingConfig(planning.key.name(), method()),
                        "default settings of " + method().wireName())));
    tuning
        .input()
        .ifPresent(
            input -> {
              input
                  .image()
                  .ifPresent(
                      image -> planning.images.add(new PlannedImage("training data", image)));
              if (!input.urls().isEmpty()) {
                planning.image("data downloader", planning.settings.tools.downloader());
              } else if (input.image().isPresent() && !input.imagePullSecrets().isEmpty()) {
                planning.image("data puller", planning.settings.tools.puller());
              }
              planning.claim(input.volumeSource(), "training data");
              for (String secret : input.imagePullSecrets()) {
                planning.secret(secret, "", "pulls the training data");
              }
            });
    tuning
        .output()
        .ifPresent(
            output -> {
              if (output.volumeSource().isEmpty()) {
                planning.image("result pusher", planning.settings.tools.pusher());
              }
              planning.claim(output.volumeSource(), "the result");
            });
    tuning
        .output()
        .flatMap(output -> output.imagePushSecret())
        .ifPresent(secret -> planning.secret(secret, ".dockerconfigjson", "pushes the result"));
    if (isPrivate()) {
      tuning
          .preset()
          .ifPresent(
              spec ->
                  spec.presetOptions()
                      .imagePullSecrets()
                      .forEach(secret -> planning.secret(secret, "", "pulls the model image")));
    }
  }

  private void memoryHint(MemoryCheck check, int declaredGiB) {
    if (check.enough() && declaredGiB > check.perGpuAvailableGiB()) {
      planning.warnings.add(
          Problem.warning(
              NodeResolver.INSTANCE_TYPE,
              String.format(
                  Locale.ROOT,
                  "the preset declares %d GiB on a GPU that has %.0f GiB; short texts should fit,"
                      + " long ones will run out of memory",
                  declaredGiB,
                  check.perGpuAvailableGiB()),
              "use a larger GPU if training fails with CUDA out of memory"));
    }
    if (!check.enough()) {
      planning.warnings.add(
          Problem.warning(
              NodeResolver.INSTANCE_TYPE,
              String.format(
                  Locale.ROOT,
                  "fine-tuning may run out of memory: about %.0f GiB are needed on a GPU that has"
                      + " %.0f GiB",
                  check.perGpuNeededGiB(),
                  check.perGpuAvailableGiB()),
              "use a larger GPU, shorter sequences or a smaller batch"));
    }
  }

  private void bfloatHint(NodeResolver.Nodes nodes) {
    nodes
        .gpus()
        .flatMap(GpuShape::computeCapability)
        .filter(found -> !found.atLeast(ComputeCapability.AMPERE))
        .filter(found -> tuning.config().filter(name -> !name.isEmpty()).isEmpty())
        .ifPresent(
            found ->
                planning.warnings.add(
                    Problem.warning(
                        "tuning.config",
                        "is missing, and the default settings compute in bfloat16, which GPUs below"
                            + " compute capability 8.0 only emulate",
                        "name a ConfigMap whose ModelConfig has torch_dtype: float16")));
  }
}
