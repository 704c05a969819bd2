/** Objects as the table rows that kubectl prints. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.table;

import org.jspecify.annotations.NullMarked;
