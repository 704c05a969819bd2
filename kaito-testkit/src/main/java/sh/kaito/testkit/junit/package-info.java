/** JUnit Jupiter: a cluster for each test, by annotation. Needs {@code junit-jupiter-api}. */
@NullMarked
package sh.kaito.testkit.junit;

import org.jspecify.annotations.NullMarked;
