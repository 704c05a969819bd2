/**
 * Test kit: an embedded Kubernetes API server, simulated nodes, workloads and model server, virtual
 * time.
 */
@NullMarked
package sh.kaito.testkit;

import org.jspecify.annotations.NullMarked;
