package sh.kaito.samples.rack;

import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.tck.ProvisionerFixture;
import sh.kaito.testkit.tck.TckCloud;
import sh.kaito.testkit.tck.TckWorld;

/** What the compatibility kit has to know of the rack. */
final class RackFixture implements ProvisionerFixture {

  @Override
  public void cluster(SimulatedCluster.Builder settings) {
    // The rack makes the Nodes here, not the simulated cloud.
    settings.simulateNodes(false);
  }

  @Override
  public TckCloud cloud(TckWorld world) {
    return new SimulatedRack(world);
  }

  @Override
  public NodeProvisioner provisioner(TckWorld world, TckCloud cloud) {
    return new RackProvisioner((SimulatedRack) cloud);
  }
}
