/** AssertJ assertions for Workspaces and clusters. Needs {@code assertj-core}. */
@NullMarked
package sh.kaito.testkit.assertj;

import org.jspecify.annotations.NullMarked;
