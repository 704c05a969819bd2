/** Users, their rights, and TLS of the embedded API server. */
@NullMarked
package sh.kaito.testkit.access;

import org.jspecify.annotations.NullMarked;
