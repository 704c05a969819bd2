package sh.kaito.core.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.immutables.value.Value;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelFacts;

/**
 * How many nodes a model needs under vLLM, and how it lies on their GPUs. Immutable.
 *
 * <p>The smallest number of nodes {@code n} is taken for which the fullest GPU holds its share:
 *
 * <pre>
 * 1.05 * 1.02 * weights / (n * g)  +  2.3 GiB  +  context * kv / (stages * shards)  &lt;=  u * m
 * </pre>
 *
 * with {@code g} GPUs per node, {@code u} the share of memory that the server may use, {@code m}
 * the memory of one GPU (as measured, else nominal), {@code kv} the bytes of KV cache per token.
 * Tensor ranks share the KV cache as far as there are key/value heads; latent attention keeps a
 * whole copy on every rank. The constants 1.02 (weights in memory), 1.05 (activations that grow
 * with the weights) and 2.3 GiB (CUDA context, graphs) are those of the Go operator v0.12.0.
 * Layouts that vLLM refuses are skipped: tensor ranks must divide the attention heads, divide or
 * multiply the key/value heads, and there cannot be more stages than layers.
 */
@Value.Immutable
@PlanStyle
public non-sealed interface Sizing extends SizingOutcome {
  /** Bytes of a GiB. */
  double GIB = 1L << 30;

  /** Number of nodes. */
  int nodes();

  /** How the model lies on the GPUs of these nodes. */
  ParallelLayout layout();

  /** The terms of the memory need of one GPU in this layout. */
  List<MemoryLine> lines();

  /** Sum of {@link #lines()}, bytes. */
  @Value.Derived
  default double neededBytes() {
    return Sizer.sum(lines());
  }

  /** What one GPU gives to the server, bytes: utilization times memory. */
  double budgetBytes();

  /** Memory of one GPU that the budget is based on, GiB. */
  double gpuMemoryGiB();

  /** Whether {@link #gpuMemoryGiB()} was measured; else it is the vendor's nominal figure. */
  boolean gpuMemoryMeasured();

  /** The share of GPU memory that the server is started with. */
  double utilization();

  /** Context for which memory is guaranteed, tokens. */
  int contextTokens();

  /**
   * Context that the server will probably choose when it fits its own to the memory that is left,
   * tokens. An estimate: the server measures.
   */
  int projectedContextTokens();

  /** The longest context the model was made for, tokens. */
  int modelContextTokens();

  /** What made the number of nodes larger than nominal memory alone would; often empty. */
  List<String> forcedBy();

  /**
   * The {@code gpu-memory-utilization} at which one node less would hold the model; above 1 where
   * nothing can help, absent with one node.
   */
  OptionalDouble utilizationForOneNodeLess();

  /** What the Go operator would have bought; empty where it refuses. */
  Optional<UpstreamEstimate> upstream();

  /**
   * Sizes a model.
   *
   * @param facts the model
   * @param gpus the GPUs of one node; all nodes are alike
   * @param options what the user decided
   */
  static SizingOutcome of(ModelFacts facts, GpuShape gpus, SizingOptions options) {
    return new Sizer(facts, gpus, options).size();
  }

  /**
   * What one GPU needs, bytes, when a model is shared by all GPUs of some nodes: tensor-parallel
   * inside a node as far as {@code layout} says, stages across.
   */
  static double neededBytes(
      ModelFacts facts, ParallelLayout layout, int contextTokens, int kvElementBytes) {
    return Sizer.need(facts, layout, contextTokens, kvElementBytes);
  }

  /**
   * The estimate of the Go operator v0.12.0, weaknesses included; see {@link #of} for ours. Empty
   * where it refuses: no room for weights, or a MIG slice too small.
   */
  static Optional<UpstreamEstimate> upstream(ModelFacts facts, GpuShape gpus, int contextTokens) {
    return Sizer.upstream(facts, gpus, contextTokens);
  }

  /**
   * The share of GPU memory with which the server is started: 0.82 on an NVIDIA A10, else 0.84.
   * Both figures are those of the Go operator v0.12.0.
   */
  static double defaultUtilization(GpuShape gpus) {
    return gpus.product().equals("NVIDIA A10") ? 0.82 : 0.84;
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link Sizing}. Not thread-safe. */
  final class Builder extends ImmutableSizing.Builder {
    Builder() {}
  }
}
