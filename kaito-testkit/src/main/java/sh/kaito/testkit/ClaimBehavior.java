package sh.kaito.testkit;

import java.time.Duration;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * What becomes of one claim of {@link SimulatedNodes}. Durations that are not set are those of the
 * simulator. Immutable.
 *
 * <pre>{@code
 * ClaimBehavior.builder().gpuDelay(Duration.ofMinutes(9)).build()   // slow device plugin
 * ClaimBehavior.builder().notReadyAfter(Duration.ofHours(1)).build() // breaks an hour after it joined
 * }</pre>
 */
@Value.Immutable
@Value.Style(
    visibility = Value.Style.ImplementationVisibility.PACKAGE,
    overshadowImplementation = true)
public interface ClaimBehavior {

  /** Why a machine cannot be created. */
  enum LaunchFailure {
    /** It can. */
    NONE,
    /**
     * The provisioner retries for ever and says so: condition {@code Launched=Unknown} with reason
     * and message. What gpu-provisioner does with every failure, quota included.
     */
    RETRIED,
    /**
     * The provisioner deletes the claim, and its requester must make another one: what Karpenter
     * does when there is no capacity.
     */
    CLAIM_DELETED
  }

  /** A claim that becomes a node without trouble. */
  static ClaimBehavior normal() {
    return builder().build();
  }

  /** A claim whose launch fails and is retried for ever. */
  static ClaimBehavior launchFails(String reason, String message) {
    return builder()
        .launchFailure(LaunchFailure.RETRIED)
        .launchFailureReason(reason)
        .launchFailureMessage(message)
        .build();
  }

  /** A claim that the provisioner deletes because there is no capacity. */
  static ClaimBehavior insufficientCapacity() {
    return builder().launchFailure(LaunchFailure.CLAIM_DELETED).build();
  }

  /** A machine that is bought and never becomes a node. */
  static ClaimBehavior neverRegisters() {
    return builder().registers(false).build();
  }

  /** A node that never becomes Ready. */
  static ClaimBehavior neverReady() {
    return builder().becomesReady(false).build();
  }

  /** A node that is Ready and never offers its GPUs, as without a device plugin. */
  static ClaimBehavior gpuNeverAllocatable() {
    return builder().offersGpus(false).build();
  }

  /** Starts a behaviour; everything has a default. */
  static Builder builder() {
    return new Builder();
  }

  /** Whether and how the launch fails. */
  @Value.Default
  default LaunchFailure launchFailure() {
    return LaunchFailure.NONE;
  }

  /** Reason of {@code Launched=Unknown}; Karpenter's own is {@code LaunchFailed}. */
  @Value.Default
  default String launchFailureReason() {
    return "LaunchFailed";
  }

  /** Message of {@code Launched=Unknown}: the cloud's words. */
  @Value.Default
  default String launchFailureMessage() {
    return "simulated failure to launch";
  }

  /** After this time from the first failure the launch works; empty: never. */
  Optional<Duration> launchFailureEnds();

  /** Whether the machine joins the cluster. */
  @Value.Default
  default boolean registers() {
    return true;
  }

  /** Whether the node becomes Ready. */
  @Value.Default
  default boolean becomesReady() {
    return true;
  }

  /** Whether the node shows its GPUs as allocatable. */
  @Value.Default
  default boolean offersGpus() {
    return true;
  }

  /** From the claim to the machine. */
  Optional<Duration> launchDelay();

  /** From the machine to its Node object. */
  Optional<Duration> registerDelay();

  /** From the Node object to Ready. */
  Optional<Duration> readyDelay();

  /** From Ready to allocatable GPUs. */
  Optional<Duration> gpuDelay();

  /** So long after its Node object appeared the machine is gone, as if deleted in the portal. */
  Optional<Duration> vanishesAfter();

  /** So long after its Node object appeared the node stops being Ready. */
  Optional<Duration> notReadyAfter();

  /** Builds a behaviour. Not thread-safe. */
  final class Builder extends ImmutableClaimBehavior.Builder {
    Builder() {}
  }
}
