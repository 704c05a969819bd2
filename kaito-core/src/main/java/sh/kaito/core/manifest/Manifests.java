package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.Sizing;

/**
 * From a plan to the objects that carry it out. Pure functions; safe for any thread.
 *
 * <pre>{@code
 * RenderOutcome outcome =
 *     Manifests.render(
 *         RenderInputs.builder()
 *             .plan(plan)
 *             .workspace(workspace)
 *             .owner(owner)
 *             .constraints(provisioner.constraints(nodes))
 *             .configMaps(configMaps)
 *             .build());
 * if (outcome instanceof Rendered rendered) {
 *   rendered.manifests().forEach(manifest -> apply(manifest.toJson()));
 * }
 * }</pre>
 */
public final class Manifests {
  /** Goes up with every release that renders the same wish in another way. */
  public static final int RENDERING_REVISION = 1;

  private Manifests() {}

  /**
   * The ConfigMaps of the user whose content counts as part of the wish: their absence holds
   * rendering up, their change changes {@link #inputHash}.
   */
  public static List<ConfigMapReference> configMaps(Workspace workspace) {
    List<ConfigMapReference> references = new ArrayList<>();
    workspace
        .inference()
        .filter(inference -> inference.preset().isPresent())
        .flatMap(InferenceSpec::config)
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                references.add(
                    new ConfigMapReference(
                        name, KaitoApi.INFERENCE_CONFIG_KEY, "inference.config")));
    workspace
        .tuning()
        .flatMap(TuningSpec::config)
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                references.add(
                    new ConfigMapReference(name, KaitoApi.TRAINING_CONFIG_KEY, "tuning.config")));
    return references;
  }

  /**
   * Hash of what the user asks a workload to be: 64 characters of hex. It is the {@link
   * Manifest#inputHash()} of the workload that would be rendered, known before there is a plan.
   *
   * @param configMaps {@code data} by name, as in {@link RenderInputs#configMaps()}
   */
  public static String inputHash(Workspace workspace, Map<String, Map<String, String>> configMaps) {
    return InputHash.ofWorkload(workspace, configMaps);
  }

  /** The objects of a plan. */
  public static RenderOutcome render(RenderInputs inputs) {
    for (ConfigMapReference reference : configMaps(inputs.workspace())) {
      Map<String, String> data = inputs.configMaps().get(reference.name());
      if (data == null || !data.containsKey(reference.key())) {
        return new NeedsConfigMap(reference.name(), reference.key(), reference.path());
      }
    }
    try {
      return rendered(inputs);
    } catch (UnsupportedManifestException e) {
      return new RenderRefusal(
          List.of(Violation.error("", String.valueOf(e.getMessage())).build()));
    }
  }

  private static Rendered rendered(RenderInputs inputs) {
    Plan plan = inputs.plan();
    Workspace workspace = inputs.workspace();
    ServingRuntime runtime =
        plan.runtime()
            .orElseThrow(() -> new UnsupportedManifestException("a template as inference"))
            .runtime();
    ModelPreset preset =
        plan.preset().orElseThrow(() -> new UnsupportedManifestException("a plan without model"));
    if (workspace.inference().isEmpty()) {
      throw new UnsupportedManifestException("tuning");
    }
    InferenceSpec inference = workspace.inference().get();
    if (!inference.adapters().isEmpty()) {
      throw new UnsupportedManifestException("adapters");
    }
    if (inference.config().isPresent()) {
      throw new UnsupportedManifestException("inference.config");
    }
    String image =
        plan.image().orElseThrow(() -> new UnsupportedManifestException("a plan without image"));
    ModelServer server = server(plan, runtime, preset, inference, image);
    InferenceObjects objects = new InferenceObjects(inputs.owner());
    ObjectNode template =
        objects.podTemplate(
            server,
            plan.nodes().gpuResource(),
            plan.nodes().gpusPerPod(),
            inputs.constraints(),
            pullSecrets(inference));
    boolean loadBalancer =
        workspace
            .annotation(KaitoAnnotations.ENABLE_LB)
            .filter(KaitoAnnotations.ENABLE_LB_TRUE::equals)
            .isPresent();
    boolean legacy = runtime == ServingRuntime.LEGACY_IMAGE;
    int replicas = plan.nodes().count();
    String hash = inputHash(workspace, inputs.configMaps());
    return Rendered.builder()
        .addManifest(
            new Manifest(
                objects.service(server.servicePorts(), loadBalancer),
                InputHash.ofService(workspace)))
        .addManifest(
            new Manifest(
                legacy
                    ? objects.deployment(replicas, template)
                    : objects.statefulSet(replicas, template),
                hash))
        .workload(
            new Workload(
                legacy ? Workload.Type.DEPLOYMENT : Workload.Type.STATEFUL_SET,
                inputs.owner().key().name(),
                replicas,
                Optional.empty()))
        .pinned(PinnedChoices.of(plan))
        .build();
  }

  private static ModelServer server(
      Plan plan,
      ServingRuntime runtime,
      ModelPreset preset,
      InferenceSpec inference,
      String image) {
    switch (runtime) {
      case LEGACY_IMAGE -> {
        LegacyImageRecipe recipe = preset.legacyImage().orElseThrow();
        if (recipe.distributed()) {
          throw new UnsupportedManifestException("a distributed preset");
        }
        return LegacyImageServer.of(recipe, image);
      }
      case VLLM -> {
        if (plan.nodes().count() > 1) {
          throw new UnsupportedManifestException("vLLM on more than one node");
        }
        BaseImageRecipe recipe = preset.baseImage().orElseThrow();
        ModelFacts facts = preset.facts().orElseThrow();
        Sizing sizing =
            plan.sizing()
                .orElseThrow(() -> new UnsupportedManifestException("vLLM without sizing"));
        return VllmServer.of(
            recipe,
            facts,
            image,
            new VllmServer.Options(
                plan.layout().tensor(),
                plan.layout().data(),
                String.format(Locale.ROOT, "%.2f", sizing.utilization()),
                false,
                inference
                    .preset()
                    .map(PresetSpec::presetOptions)
                    .flatMap(PresetOptions::modelAccessSecret)));
      }
      case TRANSFORMERS ->
          throw new UnsupportedManifestException("the transformers server of the base image");
    }
    throw new IllegalStateException("unknown runtime " + runtime);
  }

  private static List<String> pullSecrets(InferenceSpec inference) {
    return inference
        .preset()
        .filter(PresetSpec::isPrivate)
        .map(PresetSpec::presetOptions)
        .map(PresetOptions::imagePullSecrets)
        .orElse(List.of());
  }

  /** What cannot be rendered. */
  private static final class UnsupportedManifestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedManifestException(String what) {
      super(what + " cannot be run by this release of the library");
    }
  }
}
