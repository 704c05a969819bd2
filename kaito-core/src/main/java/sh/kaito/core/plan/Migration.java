package sh.kaito.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;

/** What to change in a manifest of an old release so that it stays good. */
final class Migration {
  private final Workspace workspace;
  private final Plan plan;
  private final List<Violation> advice = new ArrayList<>();

  private Migration(Workspace workspace, Plan plan) {
    this.workspace = workspace;
    this.plan = plan;
  }

  static List<Violation> advice(Workspace workspace, Plan plan) {
    Migration migration = new Migration(workspace, plan);
    if (workspace.apiVersion() == ApiVersion.V1ALPHA1) {
      migration.version();
    }
    migration.runtime();
    migration.presetFields(
        "inference.preset", workspace.inference().flatMap(inference -> inference.preset()));
    migration.presetFields("tuning.preset", workspace.tuning().flatMap(tuning -> tuning.preset()));
    return migration.advice;
  }

  private void add(String path, String message, String action) {
    advice.add(Problem.warning(path, message, action));
  }

  private void version() {
    add(
        "apiVersion",
        "v1alpha1 goes on working, and objects are stored as v1beta1",
        "write " + KaitoApi.GROUP + "/" + ApiVersion.V1BETA1.version());
    if (workspace.resource().instanceType().isEmpty() && !plan.nodes().bringYourOwn()) {
      add(
          NodeResolver.INSTANCE_TYPE,
          "v1beta1 fills in none, release 0.12.0 fills in "
              + KaitoApi.V1ALPHA1_DEFAULT_INSTANCE_TYPE
              + " in v1alpha1, and 0.3.1 filled in Standard_NC12s_v3",
          "name the one you mean");
    }
    boolean computed = plan.runtime().filter(c -> c.runtime() == ServingRuntime.VLLM).isPresent();
    if (computed && workspace.resource().count().orElse(1) == plan.nodes().count()) {
      workspace
          .resource()
          .count()
          .ifPresent(
              count ->
                  add(
                      "resource.count",
                      "is deprecated in v1beta1, and under vLLM the number of nodes is computed",
                      "leave it out"));
    }
    if (!workspace.resource().preferredNodes().isEmpty()) {
      add("resource.preferredNodes", "is deprecated in v1beta1", "select nodes by labels");
    }
  }

  /** Own images are what release 0.3.1 had; its successor serves and tunes from one base image. */
  private void runtime() {
    boolean legacy =
        plan.runtime().filter(c -> c.runtime() == ServingRuntime.LEGACY_IMAGE).isPresent();
    Optional<ModelPreset> preset = plan.preset();
    if (!legacy || preset.isEmpty()) {
      return;
    }
    boolean tuning = plan.workload() == WorkloadKind.TUNING;
    String path = (tuning ? "tuning" : "inference") + ".preset.name";
    Optional<BaseImageRecipe> base = preset.get().baseImage();
    if (base.isEmpty()) {
      add(
          path,
          preset.get().name() + " is gone from release 0.12.0 of the Go operator",
          "choose a newer preset, or keep this image, which this library goes on running");
    } else if (!tuning) {
      String dialect =
          preset
              .get()
              .legacyImage()
              .map(LegacyImageRecipe::httpDialect)
              .map(found -> found.chatPath())
              .orElse("/chat");
      add(
          path,
          "vLLM serves this model on a GPU of compute capability 8.0 or more, with the OpenAI API"
              + " instead of POST "
              + dialect,
          "choose an A10, A100 or newer GPU, and teach clients POST /v1/chat/completions");
    }
  }

  private void presetFields(String path, Optional<PresetSpec> preset) {
    if (preset.isEmpty()) {
      return;
    }
    PresetOptions options = preset.get().presetOptions();
    if (preset.get().accessMode().isPresent()) {
      add(
          path + ".accessMode",
          "is deprecated in v1beta1",
          preset.get().isPrivate()
              ? "use a public preset, or a model of Hugging Face with presetOptions.modelAccessSecret"
              : "leave it out; public is the default");
    }
    if (options.image().isPresent() || !options.imagePullSecrets().isEmpty()) {
      add(
          path + ".presetOptions",
          "image and imagePullSecrets are deprecated in v1beta1",
          "keep them as long as the model's own image runs");
    }
  }
}
