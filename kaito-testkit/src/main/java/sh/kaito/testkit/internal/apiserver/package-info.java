/** The embedded API server: what connects storage, handlers and front ends. */
@NullMarked
package sh.kaito.testkit.internal.apiserver;

import org.jspecify.annotations.NullMarked;
