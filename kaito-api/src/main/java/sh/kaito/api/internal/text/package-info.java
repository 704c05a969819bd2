/** Small pure functions over text. No API: it changes without notice. */
@NullMarked
package sh.kaito.api.internal.text;

import org.jspecify.annotations.NullMarked;
