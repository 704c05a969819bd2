/** The engine inside an operator that is built with Java Operator SDK on fabric8. */
@NullMarked
package sh.kaito.samples.operatorsdk;

import org.jspecify.annotations.NullMarked;
