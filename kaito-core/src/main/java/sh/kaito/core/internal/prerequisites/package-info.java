/** What follows from objects of a cluster for pods that want GPUs. Pure. */
@NullMarked
package sh.kaito.core.internal.prerequisites;

import org.jspecify.annotations.NullMarked;
