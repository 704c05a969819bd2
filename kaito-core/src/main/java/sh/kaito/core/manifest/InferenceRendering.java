package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.naming.DerivedNames;
import sh.kaito.core.internal.settings.InferenceSettings;
import sh.kaito.core.plan.Plan;

/** Objects of a workspace that serves a preset. */
final class InferenceRendering {
  private final RenderInputs inputs;
  private final Plan plan;
  private final InferenceSpec inference;
  private final InferenceSettings settings;
  private final ModelPreset preset;
  private final ServingRuntime runtime;
  private final Leader leader;
  private final PodTemplate pod = new PodTemplate();

  InferenceRendering(RenderInputs inputs, InferenceSpec inference, InferenceSettings settings) {
    this.inputs = inputs;
    this.plan = inputs.plan();
    this.inference = inference;
    this.settings = settings;
    this.preset = plan.preset().orElseThrow();
    this.runtime = plan.runtime().orElseThrow().runtime();
    this.leader = Leader.of(inputs);
  }

  Rendered render() {
    Container server =
        switch (runtime) {
          case LEGACY_IMAGE -> legacyImage(preset.legacyImage().orElseThrow());
          case TRANSFORMERS ->
              transformers(preset.baseImage().orElseThrow(), preset.facts().orElseThrow());
          case VLLM -> vllm(preset.baseImage().orElseThrow(), preset.facts().orElseThrow());
        };
    server.gpus(plan.nodes().gpuResource(), plan.nodes().gpusPerPod());
    new Adapters(inputs, new WorkspaceTree(inputs.workspace()), pod, server)
        .add(inference.adapters(), runtime);
    pod.container(server);
    Assembly assembly = new Assembly(inputs);
    assembly.labels(pod);
    ObjectNode template =
        pod.toJson(Optional.empty(), plan.nodes().gpuResource(), inputs.constraints());
    if (group()) {
      assembly.headlessService(leader, groupPorts());
    }
    assembly.service(
        servicePorts(assembly.loadBalancer()),
        group() ? Optional.of(leader.pod()) : Optional.empty());
    if (runtime == ServingRuntime.LEGACY_IMAGE && !group()) {
      return assembly.deployment(template);
    }
    return group()
        ? assembly.processGroup(leader, template)
        : assembly.statefulSet(inputs.owner().key().name(), template);
  }

  /** Whether the pods are one process group, of which the first one answers. */
  private boolean group() {
    return runtime == ServingRuntime.LEGACY_IMAGE
        ? preset.legacyImage().orElseThrow().distributed()
        : runtime == ServingRuntime.VLLM && plan.nodes().count() > 1;
  }

  private ArrayNode servicePorts(boolean loadBalancer) {
    ArrayNode ports = array(OwnedObjects.port("http", 80, HttpDialect.CONTAINER_PORT));
    // Whoever reaches torch's port can join the process group, so it is not shown to the world.
    if (runtime == ServingRuntime.LEGACY_IMAGE && !loadBalancer) {
      ports.add(
          OwnedObjects.port("torch", LegacyImageServer.TORCH_PORT, LegacyImageServer.TORCH_PORT));
    }
    return ports;
  }

  private ArrayNode groupPorts() {
    return runtime == ServingRuntime.VLLM
        ? array(OwnedObjects.port("ray", VllmServer.RAY_PORT, VllmServer.RAY_PORT))
        : array(
            OwnedObjects.port(
                "torchrun", LegacyImageServer.TORCH_PORT, LegacyImageServer.TORCH_PORT));
  }

  private Container legacyImage(LegacyImageRecipe recipe) {
    Container server =
        LegacyImageServer.of(
            DerivedNames.mainContainer(inputs.owner().key().name()),
            plan.image().orElseThrow(),
            recipe,
            plan.layout(),
            leader);
    if (recipe.distributed()) {
      pod.sharedMemory(server);
    }
    inference
        .preset()
        .filter(PresetSpec::isPrivate)
        .map(PresetSpec::presetOptions)
        .ifPresent(options -> pod.pullSecrets(options.imagePullSecrets()));
    return server;
  }

  private Container transformers(BaseImageRecipe recipe, ModelFacts facts) {
    Container server =
        TransformersServer.of(
            DerivedNames.mainContainer(inputs.owner().key().name()),
            plan.image().orElseThrow(),
            recipe,
            facts,
            plan.servedModelName().orElse(recipe.servedName()));
    Weights.mountDownload(inputs, pod, server, facts.diskGiB());
    pod.sharedMemory(server);
    hubToken(server);
    return server;
  }

  private Container vllm(BaseImageRecipe recipe, ModelFacts facts) {
    if (recipe.cudaToolkit()) {
      VllmServer.addCudaToolkit(pod, plan.image().orElseThrow());
    }
    Container server =
        VllmServer.of(inputs, recipe, facts, settings, !inference.adapters().isEmpty(), leader);
    Weights.onHost(inputs)
        .ifPresentOrElse(
            directory -> Weights.mountHost(pod, server, directory),
            () -> Weights.mountDownload(inputs, pod, server, facts.diskGiB()));
    pod.sharedMemory(server);
    hubToken(server);
    return server;
  }

  private void hubToken(Container server) {
    inference
        .preset()
        .map(PresetSpec::presetOptions)
        .flatMap(PresetOptions::modelAccessSecret)
        .filter(secret -> !secret.isEmpty())
        .ifPresent(
            secret ->
                server.envFromSecret(
                    KaitoApi.MODEL_ACCESS_SECRET_KEY, secret, KaitoApi.MODEL_ACCESS_SECRET_KEY));
  }
}
