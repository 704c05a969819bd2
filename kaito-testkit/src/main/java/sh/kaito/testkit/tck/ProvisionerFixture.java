package sh.kaito.testkit.tck;

import java.util.List;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.testkit.SimulatedCluster;

/**
 * What the kit has to know of a provisioner: how it is made, and what plays the cloud beneath it.
 * Each rule begins with a new cloud in a new cluster; stateless fixtures are best.
 */
public interface ProvisionerFixture {

  /** Settings of the cluster, before it starts; simulated workloads are never part of it. */
  default void cluster(SimulatedCluster.Builder settings) {}

  /** Starts what plays the cloud: it makes Nodes of what is bought, on the world's time. */
  TckCloud cloud(TckWorld world);

  /**
   * Makes a provisioner, not started. Called once for each process that a rule plays; processes
   * share nothing but the cluster and the cloud.
   *
   * @param cloud what {@link #cloud} has started in this world
   */
  NodeProvisioner provisioner(TckWorld world, TckCloud cloud);

  /** What is wanted; by default one GPU on each node of an instance type that is simulated. */
  default NodeSetSpec.Builder spec(NodeSetKey key, List<NodeSlot> slots) {
    return NodeSetSpec.builder()
        .key(key)
        .slots(slots)
        .instanceType("Standard_NC24ads_A100_v4")
        .putLabels("apps", "tck")
        .gpusPerNode(1)
        .storage("50Gi")
        .purchaseAllowed(true);
  }
}
