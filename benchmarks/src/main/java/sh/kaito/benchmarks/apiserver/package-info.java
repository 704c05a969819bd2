/** What the embedded API server costs and bears. */
@NullMarked
package sh.kaito.benchmarks.apiserver;

import org.jspecify.annotations.NullMarked;
