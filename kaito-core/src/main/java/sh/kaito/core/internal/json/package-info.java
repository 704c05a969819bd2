/** Building JSON trees. Not API. */
@NullMarked
package sh.kaito.core.internal.json;

import org.jspecify.annotations.NullMarked;
