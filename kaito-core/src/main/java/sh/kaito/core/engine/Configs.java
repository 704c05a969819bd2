package sh.kaito.core.engine;

import java.util.Map;
import java.util.Optional;

/** ConfigMaps that Workspaces refer to by name. */
interface Configs {
  /** Key of the settings of an inference server (upstream's {@code inference_config.yaml}). */
  String INFERENCE_KEY = "inference_config.yaml";

  /** Key of the settings of a trainer (upstream's {@code training_config.yaml}). */
  String TRAINING_KEY = "training_config.yaml";

  /** The data of one ConfigMap, of the two keys alone; empty when it does not exist. */
  Optional<Map<String, String>> find(String namespace, String name);
}
