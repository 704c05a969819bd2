package sh.kaito.testkit.internal.apiserver.http;

import java.io.IOException;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a conversation whose other side may still be talking. */
final class Parting {
  private static final Logger LOG = LoggerFactory.getLogger(Parting.class);

  /** As long as Go's server waits. */
  private static final int WAIT_MILLIS = 500;

  /** And no longer than it takes to read this much. */
  private static final int MOST_BYTES = 256 * 1024;

  private Parting() {}

  /**
   * Says that no more comes, and hears the client out for a moment: closing a socket with unread
   * bytes resets the connection, and the client would lose the answer it was just sent.
   */
  static void of(Socket socket) {
    try {
      socket.shutdownOutput();
      socket.setSoTimeout(WAIT_MILLIS);
      byte[] buffer = new byte[8192];
      int left = MOST_BYTES;
      int read;
      while (left > 0 && (read = socket.getInputStream().read(buffer)) >= 0) {
        left -= read;
      }
    } catch (IOException e) {
      LOG.debug("a client said no goodbye: {}", e.toString());
    }
  }
}
