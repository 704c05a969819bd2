package sh.kaito.testkit.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.testkit.KubeApiServer;

/** Clients that do nothing hold up nobody else, and nothing is left of them. */
class ResourcesHeldTest {
  /** Threads of the server that do not end; one that is just ending is waited for. */
  private static List<String> leftOf(int port) throws InterruptedException {
    List<String> left = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("kube-apiserver-" + port + "-")) {
        thread.join(10_000);
        if (thread.isAlive()) {
          left.add(thread.getName());
        }
      }
    }
    return left;
  }

  @Test
  void idleAndSlowClientsDoNotKeepOthersWaitingAndEndWithTheServer() throws Exception {
    KubeApiServer server = KubeApiServer.start();
    int port = server.url().getPort();
    List<RawClient> clients = new ArrayList<>();
    try (server) {
      for (int i = 0; i < 200; i++) {
        RawClient client = new RawClient(server);
        clients.add(client);
        switch (i % 4) {
          case 0 -> client.send("GET /versi");
          case 1 ->
              client.send(
                  "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
          case 2 -> client.send("GET /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n");
          default -> {
            // Says nothing at all.
          }
        }
      }
      try (RawClient honest = new RawClient(server)) {
        assertThat(honest.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").answer().status())
            .as("a request beside 200 that hang")
            .isEqualTo(200);
      }
    }
    assertThat(leftOf(port)).as("threads of the server after close()").isEmpty();
    for (RawClient client : clients) {
      client.close();
    }
  }
}
