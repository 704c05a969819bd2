package sh.kaito.core.catalog;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.immutables.value.Value;

/**
 * How the shared base image serves (and tunes) a model. Flags are given without leading dashes and
 * spelt exactly as the server takes them; an empty value is a bare switch. Immutable.
 */
@Value.Immutable
@CatalogStyle
public interface BaseImageRecipe {
  /** Image repository below the preset registry. */
  @Value.Default
  default String repository() {
    return "kaito-base";
  }

  /** Image tag. */
  @Value.Default
  default String tag() {
    return "0.5.0";
  }

  /** Default model name in the OpenAI routes. */
  String servedName();

  /** vLLM flags that depend on the model alone. */
  @Value.NaturalOrder
  SortedMap<String, String> vllmArgs();

  /** Flags of the Transformers server; absent where that server cannot run the model. */
  Optional<Map<String, String>> transformersArgs();

  /** Why the CPU offload of the KV cache must stay off; absent where it may be on. */
  Optional<String> kvOffloadDisabled();

  /** Whether vLLM needs its DeepGEMM kernels for the architecture. */
  @Value.Default
  default boolean deepGemm() {
    return false;
  }

  /** Whether kernels are compiled at start-up, for which the node needs a CUDA toolkit. */
  @Value.Default
  default boolean cudaToolkit() {
    return false;
  }

  /** LoRA and QLoRA with this image; absent where the model cannot be tuned with it. */
  Optional<Tuning> tuning();

  /** Where the figures come from. */
  Provenance provenance();

  /** What was corrected, and why. */
  Optional<String> note();

  /** The image reference below a registry such as {@code mcr.microsoft.com/aks/kaito}. */
  default String image(String registry) {
    return registry + "/" + repository() + ":" + tag();
  }

  /**
   * Tuning with the base image.
   *
   * @param memoryHintGiB GPU memory the source declares for it, GiB; the source never enforces it
   * @param diskGiB node disk, GiB
   * @param weightsArtifact OCI artifact below the preset registry that holds the base weights
   */
  record Tuning(int memoryHintGiB, int diskGiB, String weightsArtifact) {}

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link BaseImageRecipe}. Not thread-safe. */
  final class Builder extends ImmutableBaseImageRecipe.Builder {
    Builder() {}
  }
}
