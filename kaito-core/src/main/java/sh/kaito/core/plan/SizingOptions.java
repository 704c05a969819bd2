package sh.kaito.core.plan;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.immutables.value.Value;

/** What the user decided about the model server, as far as memory depends on it. Immutable. */
@Value.Immutable
@PlanStyle
public interface SizingOptions {
  /** Context that sizing guarantees when the user names none, tokens; the reference's figure. */
  int DEFAULT_CONTEXT_TOKENS = 2048;

  /** No wishes. */
  static SizingOptions defaults() {
    return builder().build();
  }

  /** {@code max-model-len} of the user, tokens. */
  OptionalInt contextTokens();

  /**
   * {@code gpu-memory-utilization} of the user, a share above 0 and at most 1. Without it the share
   * with which the server is started by default: {@link Sizing#defaultUtilization}.
   */
  OptionalDouble utilization();

  /** Bytes of one element of the KV cache: 2, or 1 for an fp8 cache. */
  @Value.Default
  default int kvElementBytes() {
    return 2;
  }

  /** The most nodes there are; absent where more can be bought. */
  OptionalInt maxNodes();

  /**
   * Exactly this many nodes, because they were decided on before; whether the model fits is not
   * asked again.
   */
  OptionalInt fixedNodes();

  /** Figures must be possible. */
  @Value.Check
  default void check() {
    if (contextTokens().isPresent() && contextTokens().getAsInt() < 1) {
      throw new IllegalArgumentException("contextTokens must be at least 1");
    }
    double share = utilization().orElse(1);
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("utilization must be above 0 and at most 1");
    }
    if (kvElementBytes() != 1 && kvElementBytes() != 2) {
      throw new IllegalArgumentException("kvElementBytes must be 1 or 2");
    }
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link SizingOptions}. Not thread-safe. */
  final class Builder extends ImmutableSizingOptions.Builder {
    Builder() {}
  }
}
