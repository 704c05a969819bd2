/** The OCI distribution protocol: a registry's side, a client's side, and images. */
@NullMarked
package sh.kaito.testkit.internal.registry;

import org.jspecify.annotations.NullMarked;
