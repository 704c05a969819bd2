/** Requests passed on to simulated pods. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.proxy;

import org.jspecify.annotations.NullMarked;
