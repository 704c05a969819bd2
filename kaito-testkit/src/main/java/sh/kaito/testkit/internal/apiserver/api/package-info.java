/** Which resources exist: built-in ones, those of custom resource definitions, and discovery. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.api;

import org.jspecify.annotations.NullMarked;
