/** What kube-controller-manager does for Deployments, ReplicaSets, StatefulSets and Jobs. */
@NullMarked
package sh.kaito.testkit.internal.sim.workloads;

import org.jspecify.annotations.NullMarked;
