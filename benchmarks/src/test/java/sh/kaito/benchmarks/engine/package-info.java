@NullMarked
package sh.kaito.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
