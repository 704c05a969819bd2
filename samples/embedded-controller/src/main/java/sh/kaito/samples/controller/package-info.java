/** A process that is the operator. */
@NullMarked
package sh.kaito.samples.controller;

import org.jspecify.annotations.NullMarked;
