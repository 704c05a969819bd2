package sh.kaito.core.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on the loopback address that does what a test says. */
final class ScratchServer implements AutoCloseable {
  static {
    // Read when the server's classes load; without it each small answer waits for Nagle's
    // algorithm.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** One request as it arrived. */
  record Seen(String line, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }
  }

  interface Behaviour {
    void answer(HttpExchange exchange) throws Exception;
  }

  final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile Behaviour behaviour = exchange -> reply(exchange, 500, "no behaviour was set");

  ScratchServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void handle(Behaviour value) {
    behaviour = value;
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    seen.add(new Seen(exchange.getRequestMethod() + " " + exchange.getRequestURI(), headers, body));
    try {
      behaviour.answer(exchange);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  static void reply(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Begins an answer of unknown length. */
  static OutputStream stream(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  /**
   * Thrown by a behaviour in the middle of an answer: the server closes a connection whose handler
   * fails before its answer is complete.
   */
  static IOException brokenConnection() {
    return new IOException("broken on purpose by a test");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
