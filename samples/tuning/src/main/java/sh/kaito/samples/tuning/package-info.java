/** A sample: from data to an adapter that is served. */
@NullMarked
package sh.kaito.samples.tuning;

import org.jspecify.annotations.NullMarked;
