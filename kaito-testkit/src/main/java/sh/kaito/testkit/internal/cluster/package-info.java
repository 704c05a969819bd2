/** What {@code KubeCluster} does to a cluster, embedded or real. */
@NullMarked
package sh.kaito.testkit.internal.cluster;

import org.jspecify.annotations.NullMarked;
