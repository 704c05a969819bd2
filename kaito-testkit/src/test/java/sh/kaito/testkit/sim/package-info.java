/** The simulators against the embedded API server, on virtual time. */
@NullMarked
package sh.kaito.testkit.sim;

import org.jspecify.annotations.NullMarked;
