/** What reading, validating and planning Workspaces costs. */
@NullMarked
package sh.kaito.benchmarks.plan;

import org.jspecify.annotations.NullMarked;
