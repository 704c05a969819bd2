package sh.kaito.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that is closed leaves nothing behind, whatever its clients are doing. */
class KubeApiServerCloseTest {
  private static final Duration END_LIMIT = Duration.ofSeconds(20);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noThreadIsLeft(boolean busy) throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    List<Socket> clients = new ArrayList<>();
    KubeApiServer server = KubeApiServer.start();
    try {
      int port = server.url().getPort();
      clients.add(request(port, "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"));
      if (busy) {
        // A watch, a request that waits, half a request.
        server
            .faults()
            .requests(RequestMatch.of("get", "namespaces"))
            .delay(Duration.ofMinutes(10));
        clients.add(request(port, "GET /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
        send(port, "GET /api/v1/namespaces/default HTTP/1.1\r\nHost: x\r\n\r\n", clients);
        send(port, "POST /api/v1/namespaces HTTP/1.1\r\nContent-Length: 100\r\n\r\n{", clients);
      }
    } finally {
      server.close();
    }
    List<String> left = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && thread.getName().startsWith("kube-apiserver")) {
        thread.join(END_LIMIT.toMillis());
        if (thread.isAlive()) {
          left.add(thread.getName());
        }
      }
    }
    assertThat(left).as("threads of the server after close()").isEmpty();
    for (Socket client : clients) {
      client.close();
    }
  }

  @Test
  void aServerInProcessNeedsNoThread() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    VirtualScheduler time = VirtualScheduler.seeded(1);
    try (KubeApiServer server = KubeApiServer.inProcess(time)) {
      time.advance(Duration.ofMinutes(5));
      assertThat(server.transport()).isNotNull();
      assertThat(Thread.getAllStackTraces().keySet())
          .as("threads that a server in process has made")
          .filteredOn(thread -> !before.contains(thread))
          .extracting(Thread::getName)
          .noneMatch(name -> name.startsWith("kube-apiserver"));
    }
    assertThat(time.pendingCount()).as("timers that a closed server has left").isZero();
  }

  /** Sends, and waits for the first byte of the answer. */
  private static Socket request(int port, String text) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    InputStream in = socket.getInputStream();
    assertThat(in.read()).as("first byte of the answer").isEqualTo('H');
    return socket;
  }

  private static void send(int port, String text, List<Socket> clients) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    clients.add(socket);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }
}
