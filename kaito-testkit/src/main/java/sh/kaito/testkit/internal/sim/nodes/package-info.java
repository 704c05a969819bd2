/** Claims become nodes: the simulated node provisioner. */
@NullMarked
package sh.kaito.testkit.internal.sim.nodes;

import org.jspecify.annotations.NullMarked;
