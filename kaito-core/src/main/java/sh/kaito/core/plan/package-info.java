/**
 * What a workspace will cost and become, known before anything is bought: how many nodes of which
 * size and why, the memory sum line by line, the serving runtime and its reason, images, objects
 * and deadlines. Pure functions over immutable values: no cluster, no network, no clock.
 *
 * <pre>{@code
 * PlanOutcome outcome = Planner.builder().build().plan(workspace);
 * System.out.println(outcome.orElseThrow().explain());
 * }</pre>
 */
@NullMarked
package sh.kaito.core.plan;

import org.jspecify.annotations.NullMarked;
