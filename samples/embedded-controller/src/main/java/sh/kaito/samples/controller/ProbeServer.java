package sh.kaito.samples.controller;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import sh.kaito.core.engine.Health;
import sh.kaito.core.engine.KaitoController;

/** {@code /metrics}, {@code /healthz} and {@code /readyz}. */
final class ProbeServer implements AutoCloseable {
  private final HttpServer server;

  private ProbeServer(HttpServer server) {
    this.server = server;
  }

  static ProbeServer start(
      String host, int port, KaitoController controller, PrometheusMeterRegistry registry)
      throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
    server.createContext(
        "/metrics",
        exchange -> answer(exchange, 200, "text/plain; version=0.0.4", registry.scrape()));
    probe(server, "/healthz", controller::liveness);
    probe(server, "/readyz", controller::readiness);
    server.start();
    return new ProbeServer(server);
  }

  private static void probe(HttpServer server, String path, Supplier<Health> health) {
    server.createContext(
        path,
        exchange -> {
          Health now = health.get();
          answer(exchange, now.ok() ? 200 : 503, "text/plain", now.message() + "\n");
        });
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
