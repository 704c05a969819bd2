/** Parts of the compatibility kit that are no API. */
@NullMarked
package sh.kaito.testkit.internal.tck;

import org.jspecify.annotations.NullMarked;
