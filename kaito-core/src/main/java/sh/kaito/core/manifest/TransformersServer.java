package sh.kaito.core.manifest;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ModelFacts;

/** The Transformers server of the shared base image, with the flags of Kaito v0.12.0. */
final class TransformersServer {
  private static final Map<String, String> LAUNCHER =
      Map.of("gpu_ids", "all", "machine_rank", "0", "num_machines", "1", "num_processes", "1");

  private TransformersServer() {}

  static Container of(
      String name, String image, BaseImageRecipe recipe, ModelFacts facts, String servedName) {
    Map<String, String> flags = new TreeMap<>(recipe.transformersArgs().orElseThrow());
    flags.put("allow_remote_files", "");
    flags.put("pretrained_model_name_or_path", facts.huggingFaceId().toLowerCase(Locale.ROOT));
    flags.put("served_model_name", servedName);
    return new Container(
            name,
            image,
            Arguments.of("accelerate", "launch")
                .flags(LAUNCHER)
                .add("/workspace/tfs/inference_api.py")
                .flags(flags))
        .port(Optional.of("http"), HttpDialect.CONTAINER_PORT)
        // The server downloads into the hub's cache, which else lies on the container's own layer.
        .env("HF_HOME", Weights.DIRECTORY)
        .probes(Probes.http(HttpDialect.OPENAI.healthPath(), facts.startupBudget()));
  }
}
