package sh.kaito.testkit.tck;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Bring-your-own nodes keep the rules. */
class ByoProvisionerTckTest {

  @TestFactory
  Stream<DynamicTest> keepsTheRules() {
    return NodeProvisionerTck.tests(new ByoFixture());
  }
}
