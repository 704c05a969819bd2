/**
 * The reconcile engine: observe, decide, apply. {@link sh.kaito.core.engine.WorkspaceEngine} is for
 * hosts with a loop of their own, {@link sh.kaito.core.engine.KaitoController} for a process that
 * is the operator.
 */
@NullMarked
package sh.kaito.core.engine;

import org.jspecify.annotations.NullMarked;
