package sh.kaito.testkit.internal.tck;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodeView;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.NodeDecoder;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;

/** The Nodes of the cluster as one process sees them. */
public final class NodeCache implements NodeView, AutoCloseable {
  private final List<Consumer<NodeInfo>> listeners = new CopyOnWriteArrayList<>();
  private final Reflector<NodeInfo> reflector;

  private NodeCache(KubeTransport transport, Scheduler scheduler) {
    this.reflector =
        Reflector.builder(transport, scheduler, ResourceType.NODES, NodeDecoder::decode)
            .onChange(this::tell)
            .build();
  }

  /** Begins to watch. */
  public static NodeCache start(KubeTransport transport, Scheduler scheduler) {
    NodeCache cache = new NodeCache(transport, scheduler);
    cache.reflector.start();
    return cache;
  }

  private void tell(Change<NodeInfo> change) {
    Stored<NodeInfo> newest = change.after() != null ? change.after() : change.before();
    if (newest != null) {
      listeners.forEach(listener -> listener.accept(newest.value()));
    }
  }

  @Override
  public boolean isSynced() {
    return reflector.snapshot().isSynced();
  }

  @Override
  public Optional<NodeInfo> byName(String name) {
    return reflector.snapshot().get(ObjectKey.clusterScoped(name));
  }

  @Override
  public Collection<NodeInfo> byLabel(String key, String value) {
    return all().stream().filter(node -> value.equals(node.labels().get(key))).toList();
  }

  @Override
  public Collection<NodeInfo> all() {
    return reflector.snapshot().entries().stream().map(Stored::value).toList();
  }

  @Override
  public void onChange(Consumer<NodeInfo> listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    reflector.stop();
  }
}
