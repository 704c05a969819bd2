package sh.kaito.testkit.internal.apiserver.transcripts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Plain HTTP in front of a server: writes down each request and sends it on with the token of one
 * user, because kubectl sends no token over plain HTTP itself.
 */
final class RecordingProxy implements AutoCloseable {
  /** Headers that belong to one connection only. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "accept-encoding",
          "authorization",
          "upgrade",
          "date");

  /** One request as it came, with the status that it got. */
  record Recorded(
      String method,
      String path,
      @Nullable String accept,
      @Nullable String contentType,
      byte[] body,
      int status) {}

  private final URI target;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Recorded> requests = new ArrayList<>();
  private volatile String token = "";

  RecordingProxy(URI target) throws IOException {
    this.target = target;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Forgets what came so far, and sends all that follows with a token. */
  void restart(String newToken) {
    token = newToken;
    synchronized (requests) {
      requests.clear();
    }
  }

  /** What came since the restart, in the order in which it came. */
  List<Recorded> recorded() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      int place = place();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI().toString()))
              .method(
                  exchange.getRequestMethod(),
                  body.length == 0
                      ? HttpRequest.BodyPublishers.noBody()
                      : HttpRequest.BodyPublishers.ofByteArray(body));
      copy(exchange.getRequestHeaders(), request::header);
      request.setHeader("Authorization", "Bearer " + token);
      HttpResponse<InputStream> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      record(place, exchange, body, answer.statusCode());
      copy(answer.headers().map(), exchange.getResponseHeaders()::add);
      exchange.getResponseHeaders().set("Connection", "close");
      exchange.sendResponseHeaders(answer.statusCode(), 0);
      try (InputStream in = answer.body();
          OutputStream out = exchange.getResponseBody()) {
        forward(in, out);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As it comes: a watch never ends by itself. */
  private static void forward(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[65536];
    int read;
    while ((read = in.read(buffer)) >= 0) {
      out.write(buffer, 0, read);
      out.flush();
    }
  }

  private int place() {
    synchronized (requests) {
      requests.add(new Recorded("", "", null, null, new byte[0], 0));
      return requests.size() - 1;
    }
  }

  private void record(int place, HttpExchange exchange, byte[] body, int status) {
    synchronized (requests) {
      if (place < requests.size()) {
        requests.set(
            place,
            new Recorded(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders().getFirst("Accept"),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                body,
                status));
      }
    }
  }

  private interface Header {
    void add(String name, String value);
  }

  private static void copy(Map<String, List<String>> headers, Header to) {
    headers.forEach(
        (name, values) -> {
          if (!HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> to.add(name, value));
          }
        });
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
