/** Faults on purpose: rules, and the filter and stream that carry them out. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.faults;

import org.jspecify.annotations.NullMarked;
