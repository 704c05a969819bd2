/** The port to Kubernetes over HTTP, its decorators, and the scheduler on the wall clock. */
@NullMarked
package sh.kaito.core.kube;

import org.jspecify.annotations.NullMarked;
