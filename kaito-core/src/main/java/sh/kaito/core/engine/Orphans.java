package sh.kaito.core.engine;

import java.time.Instant;
import java.util.Map;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;

/**
 * Nodes whose Workspace went without having released them: somebody took the finalizer off, or the
 * name has another uid by now.
 */
final class Orphans {
  private final NodeProvisioner provisioner;
  private final Scheduler scheduler;

  Orphans(NodeProvisioner provisioner, Scheduler scheduler) {
    this.provisioner = provisioner;
    this.scheduler = scheduler;
  }

  /**
   * Adds a node set.
   *
   * @param noEarlierPurchaseAfter from then on a look that finds nothing proves something
   */
  void add(KeyState state, NodeSetKey nodes, Instant noEarlierPurchaseAfter) {
    Instant now = scheduler.clock().instant();
    Instant from = noEarlierPurchaseAfter.isBefore(now) ? now : noEarlierPurchaseAfter;
    synchronized (state) {
      state.orphans.putIfAbsent(nodes, from);
    }
  }

  /** Releases all of them, once more; what is gone for good is forgotten. */
  void release(KeyState state) {
    Map<NodeSetKey, Instant> left;
    synchronized (state) {
      left = Map.copyOf(state.orphans);
    }
    left.forEach(
        (nodes, from) -> {
          if (provisioner.release(nodes, from).phase() == NodePhase.GONE) {
            provisioner.forget(nodes);
            synchronized (state) {
              state.orphans.remove(nodes);
            }
          }
        });
  }
}
