package sh.kaito.core.plan;

import java.util.List;
import org.immutables.value.Value;

/**
 * What a recipe declares to need, or an estimate says it needs, beside what the nodes have. For
 * models under vLLM see {@link Sizing} instead. Immutable.
 */
@Value.Immutable
@PlanStyle
public interface MemoryCheck {
  /** Who says what is needed. */
  String basis();

  /** The terms, where the need is a sum; else empty. */
  List<MemoryLine> lines();

  /** GPUs needed, over all nodes. */
  int gpusNeeded();

  /** GPUs there are, over all nodes. */
  int gpusAvailable();

  /** Memory needed on one GPU, GiB; 0 where none is declared. */
  double perGpuNeededGiB();

  /** Nominal memory of one GPU, GiB. */
  double perGpuAvailableGiB();

  /** GPU memory needed over all nodes, GiB. */
  double totalNeededGiB();

  /** Nominal GPU memory over all nodes, GiB. */
  @Value.Derived
  default double totalAvailableGiB() {
    return gpusAvailable() * perGpuAvailableGiB();
  }

  /** Whether everything needed is there. */
  @Value.Derived
  default boolean enough() {
    return gpusAvailable() >= gpusNeeded()
        && perGpuAvailableGiB() >= perGpuNeededGiB()
        && totalAvailableGiB() >= totalNeededGiB();
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link MemoryCheck}. Not thread-safe. */
  final class Builder extends ImmutableMemoryCheck.Builder {
    Builder() {}
  }
}
