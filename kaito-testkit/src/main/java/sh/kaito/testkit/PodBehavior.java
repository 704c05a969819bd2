package sh.kaito.testkit;

import java.time.Duration;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * What becomes of one pod of {@link SimulatedWorkloads} once it has a node. Durations that are not
 * set are those of the simulator. Immutable.
 *
 * <pre>{@code
 * PodBehavior.builder().imagePullFails(true).imagePullRecoversAfter(Duration.ofMinutes(5)).build()
 * PodBehavior.outOfMemory(Duration.ofSeconds(40)) // for ever: CrashLoopBackOff
 * PodBehavior.exits(3)                            // of a Job
 * }</pre>
 */
@Value.Immutable
@Value.Style(
    visibility = Value.Style.ImplementationVisibility.PACKAGE,
    overshadowImplementation = true)
public interface PodBehavior {

  /** A pod that becomes ready, or of a Job, ends well. */
  static PodBehavior normal() {
    return builder().build();
  }

  /** Its images cannot be pulled: ErrImagePull, then ImagePullBackOff. */
  static PodBehavior imagePullBackOff() {
    return builder().imagePullFails(true).build();
  }

  /** Its main container ends with exit code 1 again and again: CrashLoopBackOff. */
  static PodBehavior crashLoop(Duration after, String message) {
    return builder().crashes(Integer.MAX_VALUE).crashAfter(after).crashMessage(message).build();
  }

  /** Its main container is killed for lack of memory again and again: OOMKilled, exit code 137. */
  static PodBehavior outOfMemory(Duration after) {
    return builder()
        .crashes(Integer.MAX_VALUE)
        .crashAfter(after)
        .crashExitCode(137)
        .crashReason("OOMKilled")
        .build();
  }

  /** Its model server starts and never reports health. */
  static PodBehavior neverReady() {
    return builder().becomesHealthy(false).build();
  }

  /** Its work ends with an exit code; for pods of Jobs. */
  static PodBehavior exits(int exitCode) {
    return builder().exitCode(exitCode).build();
  }

  /** Starts a behaviour; everything has a default. */
  static Builder builder() {
    return new Builder();
  }

  /** Time to pull an image. */
  Optional<Duration> pullDelay();

  /** Whether images cannot be pulled. */
  @Value.Default
  default boolean imagePullFails() {
    return false;
  }

  /** The registry's words. */
  @Value.Default
  default String imagePullMessage() {
    return "simulated: manifest unknown";
  }

  /** So long after the first failure the image is there; empty: never. */
  Optional<Duration> imagePullRecoversAfter();

  /** From the start of the model server's container until it listens: loading the weights. */
  Optional<Duration> weightsDelay();

  /** Whether the model server ever reports health. */
  @Value.Default
  default boolean becomesHealthy() {
    return true;
  }

  /** How often the first main container ends by itself before it stays up. */
  @Value.Default
  default int crashes() {
    return 0;
  }

  /** From the start of the container to its end. */
  @Value.Default
  default Duration crashAfter() {
    return Duration.ofSeconds(5);
  }

  /** Exit code of a crash. */
  @Value.Default
  default int crashExitCode() {
    return 1;
  }

  /** Reason of a crash, {@code Error} or {@code OOMKilled}. */
  @Value.Default
  default String crashReason() {
    return "Error";
  }

  /** Termination message of a crash; empty: none. */
  @Value.Default
  default String crashMessage() {
    return "";
  }

  /** How long the work of a Job's pod takes. */
  Optional<Duration> workTime();

  /** Exit code of the work of a Job's pod. */
  @Value.Default
  default int exitCode() {
    return 0;
  }

  /** So long after its start the kubelet evicts the pod. */
  Optional<Duration> evictedAfter();

  /** Builds a behaviour. Not thread-safe. */
  final class Builder extends ImmutablePodBehavior.Builder {
    Builder() {}
  }
}
