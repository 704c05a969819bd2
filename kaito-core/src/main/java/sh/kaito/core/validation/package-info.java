/**
 * Whether a workspace can be accepted: the structural rules of {@code sh.kaito.api.validation}
 * together with those that need to know models and instance types. Pure functions: no cluster, no
 * network.
 *
 * <pre>{@code
 * List<Violation> violations = WorkspaceValidator.standard().validateCreate(workspace);
 * if (Violations.hasErrors(violations)) {
 *   System.err.println(Violations.report(violations));
 * }
 * }</pre>
 */
@NullMarked
package sh.kaito.core.validation;

import org.jspecify.annotations.NullMarked;
