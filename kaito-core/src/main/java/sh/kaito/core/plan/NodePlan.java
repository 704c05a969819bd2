package sh.kaito.core.plan;

import java.util.Map;
import java.util.Optional;
import org.immutables.value.Value;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.InstanceType;

/** The nodes that a workspace gets. Immutable. */
@Value.Immutable
@PlanStyle
public interface NodePlan {
  /** How many. */
  int count();

  /** Why so many; one sentence without a full stop. */
  String reason();

  /**
   * Name of the instance type to buy, in the spelling of the cloud; absent where the user brings
   * the nodes.
   */
  Optional<String> instanceType();

  /** The catalogue row of the instance type; absent where the catalogue has none. */
  Optional<InstanceType> catalogRow();

  /** GPUs of one node; absent where nothing is known about them. */
  Optional<GpuShape> gpus();

  /** Extended resource that pods ask for, such as {@code nvidia.com/gpu}. */
  @Value.Default
  default String gpuResource() {
    return "nvidia.com/gpu";
  }

  /** How many of {@link #gpuResource()} one pod asks for; 0 where the user's template decides. */
  int gpusPerPod();

  /** Node disk, GiB. */
  int diskGiB();

  /** Labels that nodes carry or get: the label selector without keys that Kaito owns. */
  Map<String, String> labels();

  /** Whether the nodes are the user's, so that none is bought. */
  @Value.Default
  default boolean bringYourOwn() {
    return false;
  }

  /** Number and kind, as plan, events and conditions say it: {@code 2 x Standard_NC6s_v3}. */
  default String summary() {
    return bringYourOwn()
        ? PlanText.count(count(), "node") + " of yours"
        : count() + " x " + instanceType().orElse("a machine of unknown type");
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link NodePlan}. Not thread-safe. */
  final class Builder extends ImmutableNodePlan.Builder {
    Builder() {}
  }
}
