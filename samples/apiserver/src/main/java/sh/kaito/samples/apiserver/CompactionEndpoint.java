package sh.kaito.samples.apiserver;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import sh.kaito.testkit.KubeApiServer;

/** The one call of etcd's gateway that tests of watches need: to forget history. */
final class CompactionEndpoint implements AutoCloseable {
  private final HttpServer http;

  CompactionEndpoint(KubeApiServer server, int port) throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext(
        "/v3/kv/compaction",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          boolean post = exchange.getRequestMethod().equals("POST");
          if (post) {
            server.compact();
          }
          byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(post ? 200 : 405, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    http.start();
  }

  int port() {
    return http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
