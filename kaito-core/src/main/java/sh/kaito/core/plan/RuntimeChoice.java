package sh.kaito.core.plan;

import sh.kaito.core.catalog.ServingRuntime;

/**
 * The program that will serve the model, and why.
 *
 * @param runtime the program
 * @param reason one sentence without a full stop
 */
public record RuntimeChoice(ServingRuntime runtime, String reason) implements RuntimeDecision {}
