/** GPU nodes from Azure Kubernetes Service: holds no code yet. */
@NullMarked
package sh.kaito.azure;

import org.jspecify.annotations.NullMarked;
