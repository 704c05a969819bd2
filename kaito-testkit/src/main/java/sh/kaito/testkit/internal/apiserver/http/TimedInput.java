package sh.kaito.testkit.internal.apiserver.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Input of which a whole part must arrive within a time, however it trickles in: a time-out of
 * single reads alone would let a client that sends a byte now and then hold its thread for ever.
 */
final class TimedInput extends InputStream {
  private final Socket socket;
  private final InputStream in;
  private long deadline = Long.MAX_VALUE;
  private boolean limited;

  TimedInput(Socket socket, InputStream in) {
    this.socket = socket;
    this.in = in;
  }

  /** From now on, all that is read must come within a time. */
  void within(Duration time) {
    deadline = System.nanoTime() + time.toNanos();
    limited = true;
  }

  /** From now on there is no limit. */
  void unlimited() {
    limited = false;
  }

  private void prepare() throws IOException {
    if (!limited) {
      socket.setSoTimeout(0);
      return;
    }
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException("the client took too long");
    }
    socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
  }

  @Override
  public int read() throws IOException {
    prepare();
    return in.read();
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    prepare();
    return in.read(buffer, offset, length);
  }

  @Override
  public int available() throws IOException {
    return in.available();
  }
}
