/**
 * Leader election by a Lease, and the fence that keeps a leader whose lease is over from writing.
 */
@NullMarked
package sh.kaito.core.internal.lease;

import org.jspecify.annotations.NullMarked;
