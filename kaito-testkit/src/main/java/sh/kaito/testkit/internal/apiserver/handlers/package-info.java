/** What each verb does to a resource, as functions from a request to its answer. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.handlers;

import org.jspecify.annotations.NullMarked;
