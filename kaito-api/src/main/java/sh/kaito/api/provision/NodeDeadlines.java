package sh.kaito.api.provision;

import java.time.Duration;
import org.immutables.value.Value;

/**
 * How long each stage of a node may take before it is reported as overdue. A deadline that has
 * passed buys nothing and deletes nothing: it is said in the status, and unsaid when the node comes
 * after all. Each is counted from a time that the API server or the cloud has persisted, so a
 * controller that restarts extends none. Immutable.
 */
@Value.Immutable
@SpiStyle
public interface NodeDeadlines {

  /** Starts a set of deadlines; each has a default. */
  static Builder builder() {
    return new Builder();
  }

  /** The deadlines that hold where nothing else is said. */
  static NodeDeadlines defaults() {
    return builder().build();
  }

  /** From the request to the machine. Default 30 minutes: AKS takes 3 to 10 for a pool. */
  @Value.Default
  default Duration create() {
    return Duration.ofMinutes(30);
  }

  /** From the machine to its Node being Ready. Default 15 minutes, as Karpenter's own. */
  @Value.Default
  default Duration register() {
    return Duration.ofMinutes(15);
  }

  /** From the Node being Ready to its GPUs being allocatable. Default 10 minutes. */
  @Value.Default
  default Duration gpu() {
    return Duration.ofMinutes(10);
  }

  /** Builds a set of deadlines. */
  final class Builder extends ImmutableNodeDeadlines.Builder {
    Builder() {}
  }
}
