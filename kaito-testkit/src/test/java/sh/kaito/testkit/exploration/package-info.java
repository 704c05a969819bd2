/**
 * Explores single faults exhaustively: for each scenario, each request and each watch event of the
 * controller is in turn the one at which something goes wrong.
 */
@NullMarked
package sh.kaito.testkit.exploration;

import org.jspecify.annotations.NullMarked;
