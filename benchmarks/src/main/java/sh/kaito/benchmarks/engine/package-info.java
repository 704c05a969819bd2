/** What the controller costs: many Workspaces from apply to ready, over real HTTP. */
@NullMarked
package sh.kaito.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
