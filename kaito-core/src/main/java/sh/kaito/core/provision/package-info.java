/** Node provisioners that work through the Kubernetes API. */
@NullMarked
package sh.kaito.core.provision;

import org.jspecify.annotations.NullMarked;
