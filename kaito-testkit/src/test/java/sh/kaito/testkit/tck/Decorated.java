package sh.kaito.testkit.tck;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.core.provision.ClaimProvisioner;

/** A provisioner that is right, to put a defect over. */
class Decorated implements NodeProvisioner {
  private final NodeProvisioner right = ClaimProvisioner.gpuProvisioner();
  private @Nullable KubeTransport transport;

  ProvisionerContext context(ProvisionerContext context) {
    return context;
  }

  KubeTransport transport() {
    return Objects.requireNonNull(transport);
  }

  @Override
  public String name() {
    return "broken";
  }

  @Override
  public void start(ProvisionerContext context) {
    transport = context.transport();
    right.start(context(context));
  }

  @Override
  public boolean isSynced() {
    return right.isSynced();
  }

  @Override
  public NodeSetStatus ensure(NodeSetSpec spec) {
    return right.ensure(spec);
  }

  @Override
  public NodeSetStatus release(NodeSetKey key, Instant countsFrom) {
    return right.release(key, countsFrom);
  }

  @Override
  public NodeSetStatus observe(NodeSetKey key) {
    return right.observe(key);
  }

  @Override
  public NodeConstraints constraints(NodeSetSpec spec) {
    return right.constraints(spec);
  }

  @Override
  public void forget(NodeSetKey key) {
    right.forget(key);
  }

  @Override
  public List<String> validate(NodeSetSpec spec) {
    return right.validate(spec);
  }

  @Override
  public void close() {
    right.close();
  }
}
