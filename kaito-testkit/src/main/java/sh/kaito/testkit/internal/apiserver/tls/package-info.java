/** Certificates of the server's own, and TLS over a socket that has been accepted. */
@NullMarked
package sh.kaito.testkit.internal.apiserver.tls;

import org.jspecify.annotations.NullMarked;
