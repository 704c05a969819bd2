/** Violations, and the rules that need no catalogue. */
@NullMarked
package sh.kaito.api.validation;

import org.jspecify.annotations.NullMarked;
