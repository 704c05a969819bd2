package sh.kaito.core.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A hub on the loopback interface that answers what a test tells it to. */
final class StubHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** One answer. */
  record Answer(int status, Map<String, String> headers, byte[] body) {}

  /** One request, as far as tests look at it. */
  record Request(String path, @Nullable String authorization) {}

  private final HttpServer server;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  StubHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  List<Request> requests() {
    return requests;
  }

  StubHub answer(String path, int status, String body) {
    return answer(path, status, Map.of(), body);
  }

  StubHub answer(String path, int status, Map<String, String> headers, String body) {
    answers.put(path, new Answer(status, headers, body.getBytes(StandardCharsets.UTF_8)));
    return this;
  }

  /** A model with one weight file of 13 GiB. */
  StubHub model(String askedAs, String name, String config) {
    answer(
        "/api/models/" + askedAs + "/revision/main",
        200,
        """
        {"id": "%s", "sha": "%s", "gated": false, "cardData": {"license": "mit"}}"""
            .formatted(name, COMMIT));
    answer(
        "/api/models/" + name + "/tree/" + COMMIT + "?recursive=true",
        200,
        """
        [{"type": "directory", "path": "original"},
         {"type": "file", "path": "model.safetensors", "size": 13958643712},
         {"type": "file", "path": "original/model.safetensors", "size": 13958643712},
         {"type": "file", "path": "config.json", "size": 700}]""");
    return answer("/" + name + "/resolve/" + COMMIT + "/config.json", 200, config);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().toString();
      requests.add(new Request(path, exchange.getRequestHeaders().getFirst("Authorization")));
      Answer answer = answers.getOrDefault(path, new Answer(404, Map.of(), new byte[0]));
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
