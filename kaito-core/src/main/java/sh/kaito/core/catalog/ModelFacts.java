package sh.kaito.core.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.immutables.value.Value;

/**
 * Facts of a model that sizing needs: how large its weights are and how its attention is shaped.
 * Immutable.
 */
@Value.Immutable
@CatalogStyle
public interface ModelFacts {
  /** Repository on Hugging Face in its original case, such as {@code microsoft/phi-4}. */
  String huggingFaceId();

  /** SPDX-like licence name of the weights; {@code unknown} where the source gives none. */
  @Value.Default
  default String license() {
    return "unknown";
  }

  /** Architecture class names of {@code config.json}. */
  List<String> architectures();

  /** Size of the weight files, bytes. */
  long weightsBytes();

  /** The size that the reference uses for its own estimate, bytes, where it differs. */
  @Value.Default
  default long referenceWeightsBytes() {
    return weightsBytes();
  }

  /** The longest context the model was made for, tokens. */
  int maxModelLen();

  /** Number of transformer layers. */
  int layers();

  /** Width of the hidden state. */
  int hiddenSize();

  /** Number of attention (query) heads. */
  int attentionHeads();

  /** Number of key/value heads; equal to the attention heads without grouped queries. */
  int kvHeads();

  /** Width of one head. */
  int headDim();

  /** Rank of the compressed key/value of latent attention (MLA); absent with ordinary attention. */
  OptionalInt kvLoraRank();

  /** Width of the rotary part that latent attention keeps beside the compressed key/value. */
  @Value.Default
  default int qkRopeHeadDim() {
    return 0;
  }

  /** How the weights are quantised, such as {@code fp8}, {@code mxfp4}, {@code awq}. */
  Optional<String> quantization();

  /** Bits per quantised weight. */
  OptionalInt quantizationBits();

  /** Whether the hub gives the weights only to a holder of an access token. */
  @Value.Default
  default boolean gated() {
    return false;
  }

  /** Where the figures come from. */
  Provenance provenance();

  /** What was corrected, and why. */
  Optional<String> note();

  /** Whether keys and values are stored compressed, one copy on every tensor-parallel rank. */
  @Value.Derived
  default boolean latentAttention() {
    return kvLoraRank().isPresent();
  }

  /**
   * Bytes of KV cache that one token takes over all layers. With latent attention {@code
   * (kvLoraRank + qkRopeHeadDim) * layers * elementBytes}, else {@code 2 * kvHeads * headDim *
   * layers * elementBytes}. Every layer is counted as full attention, so for models with sliding
   * windows or state-space layers this is an upper bound.
   *
   * @param elementBytes 2 for 16-bit caches, 1 for fp8
   */
  default long kvBytesPerToken(int elementBytes) {
    OptionalInt rank = kvLoraRank();
    return rank.isPresent()
        ? (long) (rank.getAsInt() + qkRopeHeadDim()) * layers() * elementBytes
        : 2L * kvHeads() * headDim() * layers() * elementBytes;
  }

  /**
   * Node disk that base image and downloaded weights need: weights plus 80 GiB, cut to whole GiB.
   */
  default int diskGiB() {
    return (int) (referenceWeightsBytes() / (double) (1L << 30) + 80);
  }

  /**
   * How long download and load may take: 15 minutes and 18 seconds per GiB of weights, at least 30
   * minutes, at most 3 hours.
   */
  default Duration startupBudget() {
    double seconds = 900 + 18 * (referenceWeightsBytes() / (double) (1L << 30));
    return Duration.ofSeconds((long) Math.min(10_800, Math.max(1_800, seconds)));
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link ModelFacts}. Not thread-safe. */
  final class Builder extends ImmutableModelFacts.Builder {
    Builder() {}
  }
}
