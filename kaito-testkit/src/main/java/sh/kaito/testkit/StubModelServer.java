package sh.kaito.testkit;

import java.io.IOException;
import java.net.URI;
import sh.kaito.testkit.internal.sim.model.StubHttpServer;

/**
 * A {@link StubModel} that really listens, on 127.0.0.1 and a port that the system chooses.
 *
 * <pre>{@code
 * try (StubModelServer server = StubModelServer.start(StubModel.vllm("phi-4-mini-instruct"))) {
 *   server.uri().resolve("/v1/models"); // any HTTP client
 * }
 * }</pre>
 *
 * <p>Thread-safe. After {@link #close()} no thread and no socket of it is left.
 */
public final class StubModelServer implements AutoCloseable {
  private final StubHttpServer server;

  private StubModelServer(StubHttpServer server) {
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @throws IOException when no port of 127.0.0.1 can be bound
   */
  public static StubModelServer start(PodHandler model) throws IOException {
    return new StubModelServer(StubHttpServer.start(model));
  }

  /** The TCP port on 127.0.0.1. */
  public int port() {
    return server.port();
  }

  /** {@code http://127.0.0.1:<port>/}. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port() + "/");
  }

  /** Stops listening and breaks open connections. Idempotent; waits for running answers. */
  @Override
  public void close() {
    server.close();
  }
}
