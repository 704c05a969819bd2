/** The scheduler's filters and the binding of pods to nodes. */
@NullMarked
package sh.kaito.testkit.internal.sim.scheduling;

import org.jspecify.annotations.NullMarked;
