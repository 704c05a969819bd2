/**
 * The compatibility kit of node provisioners: rules that an implementation of {@link
 * sh.kaito.api.provision.NodeProvisioner} has to keep so that no node is bought twice, leaked, or
 * reported gone while it is paid for. They run on virtual time against the embedded API server.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> keepsTheRules() {
 *   return NodeProvisionerTck.tests(new MyFixture());
 * }
 * }</pre>
 */
@NullMarked
package sh.kaito.testkit.tck;

import org.jspecify.annotations.NullMarked;
