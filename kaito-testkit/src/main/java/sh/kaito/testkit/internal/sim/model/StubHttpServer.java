package sh.kaito.testkit.internal.sim.model;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.PodHandler;

/** A {@link PodHandler} behind the JDK's HTTP server. */
public final class StubHttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StubHttpServer.class);

  /** Connections that wait to be accepted. */
  private static final int BACKLOG = 50;

  /** Requests that are read or answered at one time; the next ones wait. */
  private static final int CONCURRENCY = 64;

  private static final int IDLE_SECONDS = 5;

  private final HttpServer server;
  private final ThreadPoolExecutor executor;
  private final PodHandler handler;
  private final int bodyLimit;
  private final AtomicBoolean closed = new AtomicBoolean();

  private StubHttpServer(
      HttpServer server, ThreadPoolExecutor executor, PodHandler handler, int bodyLimit) {
    this.server = server;
    this.executor = executor;
    this.handler = handler;
    this.bodyLimit = bodyLimit;
  }

  /** Binds and starts a model server. */
  public static StubHttpServer start(PodHandler handler) throws IOException {
    return start(handler, "stub-model", ModelApi.bodyLimit());
  }

  /**
   * Binds and starts.
   *
   * @param name what its threads are called
   * @param bodyLimit bytes of a request that the handler gets; one more tells it that there are
   *     more
   */
  public static StubHttpServer start(PodHandler handler, String name, int bodyLimit)
      throws IOException {
    // Without it Nagle and delayed acknowledgement cost 40 ms an answer. The JDK reads it once,
    // when its server class loads.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    int port = http.getAddress().getPort();
    // The JDK hands a connection over before its request is read, so a client that stalls holds a
    // thread: many, and none once they are idle.
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            CONCURRENCY,
            CONCURRENCY,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + "-" + port);
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    StubHttpServer result = new StubHttpServer(http, pool, handler, bodyLimit);
    http.setExecutor(pool);
    http.createContext("/", result::answer);
    http.start();
    return result;
  }

  /** The port on the loopback address. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      KubeResponse response = respond(exchange);
      response.headers().forEach((name, values) -> exchange.getResponseHeaders().put(name, values));
      boolean head = exchange.getRequestMethod().equals("HEAD");
      byte[] body = response.body();
      boolean events =
          response
              .header("Content-Type")
              .filter(t -> t.startsWith("text/event-stream"))
              .isPresent();
      if (head || body.length == 0) {
        exchange.sendResponseHeaders(response.status(), -1);
      } else if (events) {
        exchange.sendResponseHeaders(response.status(), 0);
        stream(exchange.getResponseBody(), body);
      } else {
        exchange.sendResponseHeaders(response.status(), body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private KubeResponse respond(HttpExchange exchange) throws IOException {
    byte[] body;
    try (InputStream in = exchange.getRequestBody()) {
      // One byte more than the limit tells that it is exceeded; the rest is not read.
      body = in.readNBytes(bodyLimit + 1);
    }
    URI uri = exchange.getRequestURI();
    KubeRequest.Builder request;
    try {
      request =
          KubeRequest.of(
              exchange.getRequestMethod(),
              uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()));
    } catch (IllegalArgumentException e) {
      return Answers.detail(400, "the request line is not well formed");
    }
    for (Map.Entry<String, List<String>> header : exchange.getRequestHeaders().entrySet()) {
      request.header(header.getKey(), String.join(", ", header.getValue()));
    }
    String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
    request.body(contentType == null ? "" : contentType, body);
    try {
      return handler.handle(request.build());
    } catch (RuntimeException e) {
      LOG.error("the handler of {} {} broke", exchange.getRequestMethod(), uri.getRawPath(), e);
      return ModelApi.internalError();
    }
  }

  /** One chunk for each event, so that a client sees them one after the other. */
  private static void stream(OutputStream out, byte[] events) throws IOException {
    int start = 0;
    for (int i = 1; i < events.length; i++) {
      if (events[i] == '\n' && events[i - 1] == '\n') {
        out.write(events, start, i + 1 - start);
        out.flush();
        start = i + 1;
      }
    }
    out.write(events, start, events.length - start);
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    server.stop(0);
    executor.shutdownNow();
    boolean interrupted = false;
    try {
      if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("an answer of the stub server on port {} has not ended", port());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
