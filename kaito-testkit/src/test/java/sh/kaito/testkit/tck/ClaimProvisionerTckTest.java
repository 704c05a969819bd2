package sh.kaito.testkit.tck;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.core.provision.NodeClassRef;

/** The dialects of claims keep the rules. */
class ClaimProvisionerTckTest {

  @TestFactory
  Stream<DynamicTest> gpuProvisioner() {
    return NodeProvisionerTck.tests(ClaimFixture.nodeClaims(ClaimProvisioner::gpuProvisioner));
  }

  @TestFactory
  Stream<DynamicTest> karpenter() {
    return NodeProvisionerTck.tests(
        ClaimFixture.nodeClaims(
            () ->
                ClaimProvisioner.karpenter(
                    new NodeClassRef("karpenter.azure.com", "AKSNodeClass", "gpu"))));
  }

  @TestFactory
  Stream<DynamicTest> machine() {
    return NodeProvisionerTck.tests(ClaimFixture.machines(ClaimProvisioner::machine));
  }
}
