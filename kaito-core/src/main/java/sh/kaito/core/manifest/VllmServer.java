package sh.kaito.core.manifest;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.internal.naming.DerivedNames;
import sh.kaito.core.internal.settings.InferenceSettings;
import sh.kaito.core.plan.ParallelLayout;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.Sizing;

/** vLLM in the shared base image. Flags and variables as Kaito v0.12.0 sets them. */
final class VllmServer {
  static final int RAY_PORT = 6379;

  private static final String CUDA_HOME = "/opt/kaito/cuda/129";

  private VllmServer() {}

  static Container of(
      RenderInputs inputs,
      BaseImageRecipe recipe,
      ModelFacts facts,
      InferenceSettings settings,
      boolean adapters,
      Leader leader) {
    Plan plan = inputs.plan();
    Optional<String> localWeights = Weights.onHost(inputs);
    Map<String, String> flags = settings.over(flags(inputs, recipe, facts, adapters, localWeights));
    String name = DerivedNames.mainContainer(inputs.owner().key().name());
    String image = plan.image().orElseThrow();
    Container container;
    if (plan.nodes().count() > 1) {
      container =
          new Container(
                  name,
                  image,
                  Arguments.shell("ray", Scripts.RAY.text())
                      .add(String.valueOf(plan.nodes().count()))
                      .add(leader.host())
                      .add(String.valueOf(RAY_PORT))
                      .flags(flags))
              .probes(Probes.ray(leader.host(), RAY_PORT, facts.startupBudget()));
      Leader.index(container);
    } else {
      container =
          new Container(
                  name,
                  image,
                  Arguments.of("python3", "/workspace/vllm/inference_api.py").flags(flags))
              .probes(Probes.http(HttpDialect.OPENAI.healthPath(), facts.startupBudget()));
    }
    container
        .port(Optional.of("http"), HttpDialect.CONTAINER_PORT)
        .env("VLLM_USE_FLASHINFER_SAMPLER", "0")
        .env("VLLM_USE_DEEP_GEMM", recipe.deepGemm() ? "1" : "0");
    if (recipe.cudaToolkit()) {
      container.env("CUDA_HOME", CUDA_HOME).mountReadOnly("cuda-toolkit", CUDA_HOME);
    }
    localWeights.ifPresent(directory -> container.env("KAITO_PROCESSOR", directory));
    return container;
  }

  /**
   * Installs the CUDA toolkit with which kernels are compiled at start-up, for the models that need
   * it. Upstream shares one directory of the node among all namespaces; this one is the pod's own.
   */
  static void addCudaToolkit(PodTemplate pod, String image) {
    pod.emptyDir("cuda-toolkit")
        .initContainer(
            new Container(
                    "cuda-toolkit-provisioner",
                    image,
                    Arguments.of("flock", CUDA_HOME, "/workspace/cuda-provision.sh", CUDA_HOME))
                .mount("cuda-toolkit", CUDA_HOME)
                .keepCapabilities());
  }

  private static SortedMap<String, String> flags(
      RenderInputs inputs,
      BaseImageRecipe recipe,
      ModelFacts facts,
      boolean adapters,
      Optional<String> localWeights) {
    Plan plan = inputs.plan();
    ParallelLayout layout = plan.layout();
    int nodes = plan.nodes().count();
    SortedMap<String, String> flags = new TreeMap<>(recipe.vllmArgs());
    flags.put("served-model-name", plan.servedModelName().orElse(recipe.servedName()));
    if (localWeights.isPresent()) {
      flags.put("model", localWeights.get());
      flags.remove("load_format");
      flags.put("load-format", "runai_streamer");
    } else {
      // Presets of the hub name their repository themselves, in its own spelling.
      flags.putIfAbsent("model", facts.huggingFaceId().toLowerCase(Locale.ROOT));
      flags.put("download-dir", Weights.DIRECTORY);
    }
    flags.put("max-model-len", "auto");
    double utilization = plan.sizing().map(Sizing::utilization).orElseThrow();
    flags.put("gpu-memory-utilization", String.format(Locale.ROOT, "%.2f", utilization));
    flags.put("kv-events-config", "{\"enable_kv_cache_events\":true}");
    flags.put("compilation-config.pass_config.fuse_allreduce_rms", "False");
    flags.put("tensor-parallel-size", Integer.toString(layout.tensor()));
    if (layout.data() > 1) {
      flags.put("data-parallel-size", Integer.toString(layout.data()));
    }
    if (nodes > 1) {
      flags.put("pipeline-parallel-size", Integer.toString(layout.pipeline()));
      flags.put("distributed-executor-backend", "ray");
    }
    boolean slice = plan.nodes().gpus().flatMap(gpus -> gpus.migProfile()).isPresent();
    if (layout.data() > 1 || nodes > 1 || slice || recipe.kvOffloadDisabled().isPresent()) {
      flags.put("kaito-kv-cache-cpu-memory-utilization", "0");
    }
    if (adapters) {
      flags.put("enable-lora", "");
    }
    inputs
        .workspace()
        .annotation(KaitoAnnotations.PERFORMANCE_MODE)
        .filter(mode -> !mode.equals("balanced"))
        .ifPresent(mode -> flags.put("performance-mode", mode));
    return flags;
  }
}
