/**
 * The Workspace API of the group {@code kaito.sh}, versions {@code v1alpha1} and {@code v1beta1},
 * as one immutable Java model, and the names that stand on the wire.
 */
@NullMarked
package sh.kaito.api.model;

import org.jspecify.annotations.NullMarked;
