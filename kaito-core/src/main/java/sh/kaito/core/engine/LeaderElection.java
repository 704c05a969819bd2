package sh.kaito.core.engine;

import java.time.Duration;
import org.immutables.value.Value;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.lease.LeaseTimings;

/**
 * How replicas of a controller agree on the one that works: by a Lease ({@code
 * coordination.k8s.io/v1}) with the fields, the defaults and the rules of client-go's leader
 * election.
 *
 * <pre>{@code
 * LeaderElection.builder()
 *     .namespace("kaito-system")
 *     .name("kaito")
 *     .identity(System.getenv("HOSTNAME")) // the pod's name
 *     .build();
 * }</pre>
 *
 * <p>Immutable.
 */
@Value.Immutable
@EngineStyle
public abstract class LeaderElection {
  LeaderElection() {}

  /** Starts to describe an election. */
  public static Builder builder() {
    return new Builder();
  }

  /** Namespace of the Lease; it must exist. */
  public abstract String namespace();

  /** Name of the Lease. */
  public abstract String name();

  /**
   * Who this process is; unique among the replicas. Default: the environment variable {@code
   * HOSTNAME} (in a pod its name) and a random suffix, so that no two processes share it.
   */
  @Value.Default
  public String identity() {
    String host = System.getenv("HOSTNAME");
    return (host == null || host.isEmpty() ? "kaito" : host)
        + "_"
        + java.util.UUID.randomUUID().toString();
  }

  /**
   * For so long after its last renewal nobody takes over from a leader that fell silent. Whole
   * seconds; default 15 s. A controller that is closed gives the lease back at once.
   */
  @Value.Default
  public Duration leaseDuration() {
    return Duration.ofSeconds(15);
  }

  /**
   * So long after the sending of its last confirmed renewal a leader stops writing, by its own
   * clock. Less than {@link #leaseDuration()}; the difference, 5 s by default, is the margin.
   */
  @Value.Default
  public Duration renewDeadline() {
    return Duration.ofSeconds(10);
  }

  /** Between two renewals, or two looks of a replica that waits; default 2 s, plus a jitter. */
  @Value.Default
  public Duration retryPeriod() {
    return Duration.ofSeconds(2);
  }

  @Value.Check
  void check() {
    if (namespace().isEmpty() || name().isEmpty() || identity().isEmpty()) {
      throw new IllegalArgumentException(
          "leader election needs a namespace, a name and an identity, found \""
              + namespace()
              + "\", \""
              + name()
              + "\", \""
              + identity()
              + "\"");
    }
    timings();
  }

  LeaseTimings timings() {
    return new LeaseTimings(leaseDuration(), renewDeadline(), retryPeriod());
  }

  ObjectKey key() {
    return ObjectKey.of(namespace(), name());
  }

  /** Builds a {@link LeaderElection}. Not thread-safe. */
  public static final class Builder extends ImmutableLeaderElection.Builder {
    Builder() {}
  }
}
