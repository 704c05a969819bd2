/** The simulated parts of a cluster: nodes, workload controllers, scheduler, kubelet. */
@NullMarked
package sh.kaito.testkit.internal.sim;

import org.jspecify.annotations.NullMarked;
