package sh.kaito.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.internal.naming.DerivedNames;

/** Plans a workspace whose model is served by an image of its own. */
final class LegacyImagePlanning {
  private static final String PRESET = "inference.preset";

  private final Planning planning;
  private final PresetSpec presetSpec;
  private final int adapters;
  private final ModelPreset preset;
  private final LegacyImageRecipe recipe;

  LegacyImagePlanning(
      Planning planning,
      PresetSpec presetSpec,
      int adapters,
      ModelPreset preset,
      LegacyImageRecipe recipe) {
    this.planning = planning;
    this.presetSpec = presetSpec;
    this.adapters = adapters;
    this.preset = preset;
    this.recipe = recipe;
  }

  Optional<Plan> plan(RuntimeChoice choice, NodeResolver.Nodes nodes) {
    Optional<String> image = image();
    int count = planning.requestedCount();
    Optional<MemoryCheck> check = nodes.gpus().map(gpus -> needs(gpus, count));
    int ranksPerNode = recipe.distributed() ? ranks(nodes, count) : 1;
    if (recipe.distributed() && adapters > 0) {
      planning.problems.add(
          Problem.of(
              "V-54",
              "inference.adapters",
              "",
              preset.name() + " runs as one process group, whose server takes no adapters",
              "remove inference.adapters"));
    }
    if (image.isEmpty()) {
      return Optional.empty();
    }
    String name = planning.key.name();
    planning.nodeObjects(count);
    planning.objects.add(
        new PlannedObject(
            "apps/v1",
            recipe.distributed() ? "StatefulSet" : "Deployment",
            recipe.distributed() ? DerivedNames.statefulSet(name) : name,
            PlanText.count(count, "replica")));
    planning.objects.add(new PlannedObject("v1", "Service", name, "80 to 5000, and 29500"));
    if (recipe.distributed()) {
      planning.objects.add(
          new PlannedObject("v1", "Service", DerivedNames.headlessService(name), "headless"));
    }
    planning.images.add(0, new PlannedImage("model server with weights", image.get()));
    return Optional.of(
        planning.finishWithWeights(
            planning
                .start(WorkloadKind.INFERENCE)
                .preset(preset)
                .runtime(choice)
                .layout(
                    recipe.distributed()
                        ? new ParallelLayout(ranksPerNode, count, 1)
                        : ParallelLayout.SINGLE)
                .memoryCheck(check)
                .image(image.get())
                .httpDialect(recipe.httpDialect())
                .deadlines(Deadlines.builder().modelReady(recipe.readinessBudget()).build()),
            planning
                .nodes(nodes)
                .count(count)
                .reason(planning.countReason(count))
                .gpusPerPod(nodes.gpus().map(GpuShape::count).orElse(recipe.needs().gpus()))
                .diskGiB(recipe.needs().diskGiB())
                .build(),
            preset.facts().map(ModelFacts::weightsBytes).orElse(0L),
            recipe.needs().totalGpuMemoryGiB()));
  }

  private Optional<String> image() {
    PresetOptions options = presetSpec.presetOptions();
    if (!presetSpec.isPrivate()) {
      Optional<String> image =
          recipe.image(planning.settings.imageRegistry).map(planning::publicImage);
      if (image.isEmpty()) {
        planning.problems.add(
            Problem.of(
                "V-55",
                PRESET + ".accessMode",
                presetSpec.accessMode().orElse(PresetSpec.ACCESS_PUBLIC),
                "is not possible: "
                    + preset.name()
                    + " has no public image, because its licence forbids that",
                List.of(PresetSpec.ACCESS_PRIVATE),
                List.of(),
                "build the image, push it to your registry, then set accessMode: private and"
                    + " presetOptions.image"));
      }
      return image;
    }
    Optional<String> image = options.image().filter(text -> !text.isEmpty());
    if (image.isEmpty()) {
      planning.problems.add(
          Problem.of(
              "V-56",
              PRESET + ".presetOptions.image",
              "",
              "is missing, and accessMode private means that the image is yours",
              "name the image, or set accessMode: public"));
      return image;
    }
    for (String secret : options.imagePullSecrets()) {
      planning.secret(secret, "", "pulls the model image");
    }
    return image;
  }

  private MemoryCheck needs(GpuShape gpus, int count) {
    MemoryCheck check =
        MemoryCheck.builder()
            .basis("what the preset declares, against the nominal figures")
            .gpusNeeded(recipe.needs().gpus())
            .gpusAvailable(count * gpus.count())
            .perGpuNeededGiB(recipe.needs().perGpuMemoryGiB())
            .perGpuAvailableGiB(gpus.memoryGiB())
            .totalNeededGiB(recipe.needs().totalGpuMemoryGiB())
            .build();
    String there =
        PlanText.count(count, "node")
            + (count == 1 ? " with " : " with each ")
            + Sizer.describe(gpus);
    if (check.gpusAvailable() < check.gpusNeeded()) {
      shortage(
          false,
          "V-24",
          "is too small: "
              + preset.name()
              + " needs "
              + PlanText.count(check.gpusNeeded(), "GPU")
              + ", and there "
              + (check.gpusAvailable() == 1 ? "is 1" : "are " + check.gpusAvailable())
              + " ("
              + there
              + ")");
    }
    if (check.perGpuAvailableGiB() < check.perGpuNeededGiB()) {
      shortage(
          true,
          "V-25",
          String.format(
              Locale.ROOT,
              "is too small: %s needs %.0f GiB on each GPU, and there are %.0f GiB (%s)",
              preset.name(),
              check.perGpuNeededGiB(),
              check.perGpuAvailableGiB(),
              there));
    }
    if (check.totalAvailableGiB() < check.totalNeededGiB()) {
      shortage(
          true,
          "V-26",
          String.format(
              Locale.ROOT,
              "is too small: %s needs %.0f GiB of GPU memory, and there are %.0f GiB (%s)",
              preset.name(),
              check.totalNeededGiB(),
              check.totalAvailableGiB(),
              there));
    }
    return check;
  }

  /** A shortage of memory may be waved through; too few GPUs can never work. */
  private void shortage(boolean canBypass, String rule, String problem) {
    String path = NodeResolver.INSTANCE_TYPE;
    if (canBypass && planning.bypass()) {
      planning.warnings.add(Problem.warning(path, problem + "; the check is bypassed", ""));
      return;
    }
    planning.problems.add(
        Problem.of(
            rule,
            path,
            planning.workspace.resource().instanceType().orElse(""),
            problem,
            "choose a larger instance type"
                + (canBypass
                    ? ", or set the annotation " + KaitoAnnotations.BYPASS_RESOURCE_CHECKS
                    : ", or raise resource.count where the model can be spread")));
  }

  private int ranks(NodeResolver.Nodes nodes, int count) {
    int world = recipe.worldSize().orElse(1);
    int gpus = nodes.gpus().map(GpuShape::count).orElse(world);
    if (world % count == 0 && world / count <= gpus) {
      return world / count;
    }
    List<String> possible = new ArrayList<>();
    for (int nodeCount = 1; nodeCount <= world; nodeCount++) {
      if (world % nodeCount == 0 && world / nodeCount <= gpus) {
        possible.add(String.valueOf(nodeCount));
      }
    }
    planning.problems.add(
        Problem.of(
            "V-24",
            "resource.count",
            String.valueOf(count),
            "cannot be: "
                + preset.name()
                + " is split into exactly "
                + world
                + " ranks, and "
                + PlanText.count(count, "node")
                + " of "
                + PlanText.count(gpus, "GPU")
                + " cannot share them evenly",
            possible,
            List.of(),
            ""));
    return 1;
  }
}
