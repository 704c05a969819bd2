/** The HTTP dialects of Kaito's inference images, answered without a model. */
@NullMarked
package sh.kaito.testkit.internal.sim.model;

import org.jspecify.annotations.NullMarked;
