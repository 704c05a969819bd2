/** The front end on HTTP/1.1. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.http;

import org.jspecify.annotations.NullMarked;
