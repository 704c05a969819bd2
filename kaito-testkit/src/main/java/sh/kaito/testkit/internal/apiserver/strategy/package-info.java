/**
 * What is particular to a type: what the server sets, which changes bump the generation, what is
 * refused.
 */
@NullMarked
package sh.kaito.testkit.internal.apiserver.strategy;

import org.jspecify.annotations.NullMarked;
