package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.Sizing;

/** From a plan to the objects that carry it out. Pure. */
public final class Manifests {
  private Manifests() {}

  /**
   * The objects of a plan, in the order in which they are created.
   *
   * @param plan what is to run
   * @param workspace the Workspace that the plan was made from
   * @param owner referred to by every object, so that they go when it goes
   * @param constraints what ties the pods to the Workspace's nodes
   * @throws UnsupportedManifestException for what cannot be rendered yet; nothing must be bought
   *     for it
   */
  public static List<Manifest> render(
      Plan plan, Workspace workspace, Owner owner, NodeConstraints constraints) {
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
    InferenceObjects objects = new InferenceObjects(owner);
    ObjectNode template =
        objects.podTemplate(
            server,
            plan.nodes().gpuResource(),
            plan.nodes().gpusPerPod(),
            constraints,
            pullSecrets(inference));
    boolean loadBalancer =
        workspace
            .annotation(KaitoAnnotations.ENABLE_LB)
            .filter(KaitoAnnotations.ENABLE_LB_TRUE::equals)
            .isPresent();
    return List.of(
        new Manifest(objects.service(server.servicePorts(), loadBalancer)),
        new Manifest(
            runtime == ServingRuntime.LEGACY_IMAGE
                ? objects.deployment(plan.nodes().count(), template)
                : objects.statefulSet(plan.nodes().count(), template)));
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

  /** What this release does not render; said before anything is bought. */
  public static final class UnsupportedManifestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedManifestException(String what) {
      super(what + " cannot be run by this release of the library");
    }
  }
}
