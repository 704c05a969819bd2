/** Watch streams: which events a client gets, in which form. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.watch;

import org.jspecify.annotations.NullMarked;
