package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.DataDestination;
import sh.kaito.api.model.DataSource;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.naming.DerivedNames;
import sh.kaito.core.internal.settings.TrainingSettings;
import sh.kaito.core.plan.Plan;

/**
 * Objects of a workspace that tunes a model: one Job of one pod. Its containers run one after the
 * other, because none of them can go on without what the one before left: weights, data, trainer,
 * pusher. So a trainer that crashes ends the Job at once, and credentials are in no container that
 * runs code of a model.
 */
final class TuningRendering {
  private static final String DATA_VOLUME = "data-volume";
  private static final String DATA = "/mnt/data";
  private static final String RESULTS_VOLUME = "results-volume";
  private static final String DOCKER_CONFIG = "docker-config";

  /** Directory in which docker, skopeo and oras look for {@code config.json}. */
  private static final String DOCKER_DIRECTORY = "/root/.docker";

  private final RenderInputs inputs;
  private final Plan plan;
  private final TuningSpec tuning;
  private final ModelPreset preset;
  private final WorkspaceTree tree;
  private final PodTemplate pod = new PodTemplate();
  private final String name;

  TuningRendering(RenderInputs inputs, TuningSpec tuning) {
    this.inputs = inputs;
    this.plan = inputs.plan();
    this.tuning = tuning;
    this.preset = plan.preset().orElseThrow();
    this.tree = new WorkspaceTree(inputs.workspace());
    this.name = inputs.owner().key().name();
  }

  RenderOutcome render() {
    TuningMethod method = tuning.tuningMethod().orElse(TuningMethod.LORA);
    Optional<ConfigMapReference> reference =
        Manifests.configMaps(inputs.workspace()).stream().findFirst();
    TrainingSettings settings =
        TrainingSettings.read(
            reference
                .flatMap(found -> Manifests.text(inputs, found))
                .orElseGet(() -> TrainingDefaults.of(method)),
            Optional.of(method));
    if (!settings.violations().isEmpty()) {
      return new RenderRefusal(settings.violations());
    }
    Assembly assembly = new Assembly(inputs);
    String configMap =
        reference
            .map(ConfigMapReference::name)
            .orElseGet(() -> DerivedNames.trainingConfig(name, method));
    if (reference.isEmpty()) {
      assembly.configMap(configMap, TrainingDefaults.configMap(method));
    }
    Container trainer = trainer();
    weights(trainer);
    config(trainer, configMap);
    data(trainer);
    results(trainer, settings.outputDirectory());
    inputs
        .workspace()
        .tuning()
        .flatMap(TuningSpec::preset)
        .filter(PresetSpec::isPrivate)
        .ifPresent(spec -> pod.pullSecrets(spec.presetOptions().imagePullSecrets()));
    assembly.labels(pod);
    // kubectl logs and exec then go to the trainer, not to the pusher that waits behind it.
    pod.annotation("kubectl.kubernetes.io/default-container", trainer.name());
    ObjectNode template =
        pod.toJson(Optional.of("Never"), plan.nodes().gpuResource(), inputs.constraints());
    return assembly.job(trainer.name(), template);
  }

  private Container trainer() {
    boolean legacy = plan.runtime().orElseThrow().runtime() == ServingRuntime.LEGACY_IMAGE;
    Map<String, String> launcher;
    String program;
    if (legacy) {
      LegacyImageRecipe.Tuning recipe = preset.legacyImage().orElseThrow().tuning().orElseThrow();
      launcher = new TreeMap<>(recipe.launcherArgs());
      program = recipe.mainFile();
    } else {
      launcher = new TreeMap<>();
      program = "/workspace/tfs/fine_tuning.py";
    }
    launcher.put("num_processes", String.valueOf(plan.layout().data()));
    Container trainer =
        new Container(
                DerivedNames.mainContainer(name),
                plan.image().orElseThrow(),
                Arguments.shell("train", Scripts.TRAIN.text())
                    .add("accelerate")
                    .add("launch")
                    .flags(launcher)
                    .add(program))
            .port(Optional.empty(), HttpDialect.CONTAINER_PORT)
            .gpus(plan.nodes().gpuResource(), plan.nodes().gpusPerPod())
            .showLogOfFailure();
    if (!legacy) {
      trainer.workingDirectory("/workspace/tfs");
    }
    if (preset.name().toLowerCase(Locale.ROOT).startsWith("phi-3")) {
      trainer.env(
          "DEFAULT_TARGET_MODULES", "k_proj,q_proj,v_proj,o_proj,gate_proj,down_proj,up_proj");
    }
    trainer.env("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True");
    pod.sharedMemory(trainer);
    return trainer;
  }

  /** The base image holds no weights; they come as an artifact of the preset registry. */
  private void weights(Container trainer) {
    plan.weightsImage()
        .ifPresent(
            artifact -> {
              Container downloader =
                  new Container(
                          "model-weights-downloader",
                          inputs.plan().tools().weights(),
                          Arguments.of("oras", "pull", artifact, "-o", Weights.DIRECTORY))
                      .showLogOfFailure();
              Weights.mountDownload(inputs, pod, downloader, plan.nodes().diskGiB());
              trainer.mount("model-weights-volume", Weights.DIRECTORY);
              pod.initContainer(downloader);
            });
  }

  private void config(Container trainer, String configMap) {
    pod.volume("config-volume", "configMap", object("name", configMap));
    trainer.mount("config-volume", "/mnt/config");
  }

  private void data(Container trainer) {
    DataSource input = tuning.input().orElseThrow();
    trainer.mount(DATA_VOLUME, DATA);
    if (input.volumeSource().isPresent()) {
      pod.volume(DATA_VOLUME, tree.objectAt("/tuning/input/volumeSource"));
      return;
    }
    pod.emptyDir(DATA_VOLUME);
    Optional<String> image = input.image().filter(text -> !text.isEmpty());
    if (image.isEmpty()) {
      pod.initContainer(
          new Container(
                  "data-downloader",
                  inputs.plan().tools().downloader(),
                  Arguments.shell("download", Scripts.DOWNLOAD.text()).add(input.urls()))
              .showLogOfFailure()
              .env("DATA_DIR", DATA)
              .mount(DATA_VOLUME, DATA));
    } else if (input.imagePullSecrets().isEmpty()) {
      pod.initContainer(
          ImageData.copy("data-extractor", image.get(), DATA, "").mount(DATA_VOLUME, DATA));
    } else {
      String auth = input.name().filter(text -> !text.isEmpty()).orElse("data") + "-tuning-input";
      String volume = DerivedNames.label(DOCKER_CONFIG + "-" + auth);
      pod.dockerConfigs(volume, input.imagePullSecrets())
          .pullSecrets(input.imagePullSecrets())
          .initContainer(
              ImageData.pull(
                      "puller",
                      inputs.plan().tools().puller(),
                      image.get(),
                      DATA,
                      "",
                      ImageData.CREDENTIALS + auth)
                  .mount(DATA_VOLUME, DATA)
                  .mountReadOnly(volume, ImageData.CREDENTIALS + auth));
    }
  }

  private void results(Container trainer, String directory) {
    DataDestination output = tuning.output().orElseThrow();
    trainer.mount(RESULTS_VOLUME, directory);
    if (output.volumeSource().isPresent()) {
      pod.volume(RESULTS_VOLUME, tree.objectAt("/tuning/output/volumeSource"));
      pod.container(trainer);
      return;
    }
    String secret = output.imagePushSecret().orElseThrow();
    pod.emptyDir(RESULTS_VOLUME)
        .volume(
            DOCKER_CONFIG,
            "projected",
            object(
                "sources",
                array(
                    object(
                        "secret",
                        object(
                            "name",
                            secret,
                            "items",
                            array(object("key", ".dockerconfigjson", "path", "config.json")))))))
        .pullSecrets(List.of(secret))
        .initContainer(trainer)
        .container(
            new Container(
                    "pusher",
                    inputs.plan().tools().pusher(),
                    Arguments.shell("push", Scripts.PUSH.text()))
                .showLogOfFailure()
                .env("OUTPUT_DIR", directory)
                .env("OUTPUT_IMAGE", output.image().orElseThrow())
                .env("MODEL_NAME", preset.name())
                .env("DOCKER_CONFIG", DOCKER_DIRECTORY)
                .mountReadOnly(DOCKER_CONFIG, DOCKER_DIRECTORY)
                .mountReadOnly(RESULTS_VOLUME, directory));
  }
}
