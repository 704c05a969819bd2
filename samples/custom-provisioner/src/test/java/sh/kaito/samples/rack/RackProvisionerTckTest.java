package sh.kaito.samples.rack;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.testkit.tck.NodeProvisionerTck;

class RackProvisionerTckTest {

  @TestFactory
  Stream<DynamicTest> keepsTheRules() {
    return NodeProvisionerTck.tests(new RackFixture());
  }
}
