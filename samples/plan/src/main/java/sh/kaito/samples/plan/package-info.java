/** What Workspaces will cost and become, on a command line. */
@NullMarked
package sh.kaito.samples.plan;

import org.jspecify.annotations.NullMarked;
