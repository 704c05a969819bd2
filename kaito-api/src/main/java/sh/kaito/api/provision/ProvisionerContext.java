package sh.kaito.api.provision;

import java.util.function.Consumer;
import org.immutables.value.Value;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;

/** What the host hands to a provisioner at its start. Immutable. */
@Value.Immutable
@SpiStyle
public interface ProvisionerContext {

  /** Starts a context. */
  static Builder builder() {
    return new Builder();
  }

  /** The way to the API server. */
  KubeTransport transport();

  /** Time and threads. */
  Scheduler scheduler();

  /** The Nodes of the cluster. */
  NodeView nodes();

  /** To be told of any set whose status may have changed; a level hint, cheap, any thread. */
  Consumer<NodeSetKey> changes();

  /**
   * Tells installations of this library in one cluster, or clusters in one subscription, apart;
   * goes into every name of {@link NodeNames}.
   */
  String installation();

  /** Name of the field manager of writes, {@code kaito-java}. */
  String fieldManager();

  /** Builds a context; every value is required. */
  final class Builder extends ImmutableProvisionerContext.Builder {
    Builder() {}
  }
}
