/** GPU nodes from a rack of one's own machines. */
@NullMarked
package sh.kaito.samples.rack;

import org.jspecify.annotations.NullMarked;
