package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ModelFacts;

/** vLLM in the shared base image, on one node. Flags and variables as Kaito v0.12.0 sets them. */
final class VllmServer {
  private static final String WEIGHTS = "/workspace/weights";

  private VllmServer() {}

  /**
   * What the server is started with.
   *
   * @param gpuMemoryUtilization share of GPU memory that vLLM may take, such as {@code 0.84}
   * @param modelAccessSecret Secret with key {@code HF_TOKEN}, where the model needs one
   */
  record Options(
      int tensorParallel,
      int dataParallel,
      String gpuMemoryUtilization,
      boolean adapters,
      Optional<String> modelAccessSecret) {}

  static ModelServer of(BaseImageRecipe recipe, ModelFacts facts, String image, Options options) {
    List<String> command = new ArrayList<>(List.of("python3", "/workspace/vllm/inference_api.py"));
    command.addAll(Flags.of(flags(recipe, facts, options)));
    return new ModelServer(
        image,
        command,
        Optional.empty(),
        array(
            object("containerPort", HttpDialect.CONTAINER_PORT, "name", "http", "protocol", "TCP")),
        array(LegacyImageServer.port("http", 80, HttpDialect.CONTAINER_PORT)),
        env(recipe, options),
        Probes.http(HttpDialect.OPENAI.healthPath(), facts.startupBudget()),
        array(
            object("name", "model-weights-volume", "mountPath", WEIGHTS),
            object("name", "dshm", "mountPath", "/dev/shm")),
        array(
            // Shared memory between the processes of tensor parallelism.
            object("name", "dshm", "emptyDir", object("medium", "Memory")),
            object("name", "model-weights-volume", "emptyDir", object())));
  }

  private static Map<String, String> flags(
      BaseImageRecipe recipe, ModelFacts facts, Options options) {
    Map<String, String> flags = new TreeMap<>(recipe.vllmArgs());
    flags.put("served-model-name", recipe.servedName());
    flags.put("model", facts.huggingFaceId().toLowerCase(Locale.ROOT));
    flags.put("download-dir", WEIGHTS);
    flags.put("max-model-len", "auto");
    flags.put("gpu-memory-utilization", options.gpuMemoryUtilization());
    flags.put("kv-events-config", "{\"enable_kv_cache_events\":true}");
    flags.put("compilation-config.pass_config.fuse_allreduce_rms", "False");
    flags.put("tensor-parallel-size", Integer.toString(options.tensorParallel()));
    if (options.dataParallel() > 1) {
      flags.put("data-parallel-size", Integer.toString(options.dataParallel()));
    }
    if (options.dataParallel() > 1 || recipe.kvOffloadDisabled().isPresent()) {
      flags.put("kaito-kv-cache-cpu-memory-utilization", "0");
    }
    if (options.adapters()) {
      flags.put("enable-lora", "");
    }
    return flags;
  }

  private static ArrayNode env(BaseImageRecipe recipe, Options options) {
    ArrayNode env =
        array(
            object("name", "VLLM_USE_FLASHINFER_SAMPLER", "value", "0"),
            object("name", "VLLM_USE_DEEP_GEMM", "value", recipe.deepGemm() ? "1" : "0"));
    options
        .modelAccessSecret()
        .ifPresent(
            secret ->
                env.add(
                    object(
                        "name",
                        "HF_TOKEN",
                        "valueFrom",
                        object(
                            "secretKeyRef",
                            object("name", secret, "key", "HF_TOKEN", "optional", true)))));
    return env;
  }
}
