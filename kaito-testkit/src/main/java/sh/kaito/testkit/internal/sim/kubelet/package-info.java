/** Containers that are not run: the life of a pod on its node, and what listens in it. */
@NullMarked
package sh.kaito.testkit.internal.sim.kubelet;

import org.jspecify.annotations.NullMarked;
