package sh.kaito.testkit.internal.apiserver.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client cannot hold its thread by sending a byte now and then. */
class TimedInputTest {
  @Test
  void aTrickleEndsWhenTheWholeIsDue() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      CompletableFuture<Void> trickle = CompletableFuture.runAsync(() -> sendUntilClosed(client));
      TimedInput in = new TimedInput(accepted, accepted.getInputStream());
      in.within(Duration.ofMillis(200));
      assertThatThrownBy(
              () -> {
                while (in.read() >= 0) {
                  // There is always one more byte.
                }
              })
          .isInstanceOf(SocketTimeoutException.class);
      accepted.close();
      client.close();
      trickle.get(20, TimeUnit.SECONDS);
    }
  }

  private static void sendUntilClosed(Socket socket) {
    try {
      while (true) {
        socket.getOutputStream().write('a');
      }
    } catch (IOException e) {
      // Closed by the test, as wanted.
    }
  }
}
