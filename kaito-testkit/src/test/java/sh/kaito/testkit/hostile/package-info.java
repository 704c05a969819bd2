/** Requests that no honest client sends, over HTTP. */
@NullMarked
package sh.kaito.testkit.hostile;

import org.jspecify.annotations.NullMarked;
