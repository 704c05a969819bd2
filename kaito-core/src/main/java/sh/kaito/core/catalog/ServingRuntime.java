package sh.kaito.core.catalog;

import java.util.Optional;

/**
 * The program that serves a model. The spelling on the wire is the value of the annotation {@code
 * kaito.sh/runtime}.
 */
public enum ServingRuntime {
  /**
   * One image per preset that holds server and weights; Hugging Face Transformers behind {@code
   * POST /chat} (Kaito v0.3.1). Runs on GPUs of any compute capability.
   */
  LEGACY_IMAGE("legacy-image"),
  /** The Transformers server of the shared base image; OpenAI routes, one node. */
  TRANSFORMERS("transformers"),
  /** vLLM in the shared base image; OpenAI routes, any number of nodes. */
  VLLM("vllm");

  private final String wireName;

  ServingRuntime(String wireName) {
    this.wireName = wireName;
  }

  /** The value of the annotation {@code kaito.sh/runtime} that asks for this runtime. */
  public String wireName() {
    return wireName;
  }

  /** The runtime with this exact wire name. */
  public static Optional<ServingRuntime> ofWireName(String wireName) {
    for (ServingRuntime runtime : values()) {
      if (runtime.wireName.equals(wireName)) {
        return Optional.of(runtime);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return wireName;
  }
}
