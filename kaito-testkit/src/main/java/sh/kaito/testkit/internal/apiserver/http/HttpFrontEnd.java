package sh.kaito.testkit.internal.apiserver.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.testkit.internal.apiserver.ApiServer;
import sh.kaito.testkit.internal.apiserver.tls.ServerCertificates;

/**
 * HTTP/1.1 on 127.0.0.1, one thread per connection. Written for this purpose because the JDK's
 * server hands every request through a selector and two thread switches, parks a thread in each
 * watch with no way to see that the client left, refuses malformed request lines in its own words
 * and cannot reset a connection.
 */
public final class HttpFrontEnd implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFrontEnd.class);

  private final ServerSocket listener;
  private final ExecutorService threads;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final ApiServer server;
  private final @Nullable ServerCertificates certificates;
  private volatile boolean closed;

  private HttpFrontEnd(
      ServerSocket listener, ApiServer server, @Nullable ServerCertificates certificates) {
    this.listener = listener;
    this.server = server;
    this.certificates = certificates;
    AtomicInteger count = new AtomicInteger();
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread =
                  new Thread(
                      task,
                      "kube-apiserver-" + listener.getLocalPort() + "-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts to listen.
   *
   * @param port 0 takes a free one
   * @param certificates for TLS; null for plain HTTP
   */
  public static HttpFrontEnd start(
      int port, ApiServer server, @Nullable ServerCertificates certificates) {
    ServerSocket listener;
    try {
      listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 256);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
    }
    HttpFrontEnd frontEnd = new HttpFrontEnd(listener, server, certificates);
    frontEnd.threads.execute(frontEnd::accept);
    return frontEnd;
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Connection connection =
            new Connection(socket, certificates, server, threads, connections::remove);
        connections.add(connection);
        if (closed) {
          connection.close();
        } else {
          threads.execute(connection);
        }
      } catch (IOException e) {
        if (!closed) {
          LOG.warn("cannot accept a connection: {}", e.toString());
        }
      } catch (RejectedExecutionException e) {
        // Closed in between.
        return;
      }
    }
  }

  /** Cuts all connections and ends all threads. */
  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      LOG.debug("closing the listener: {}", e.toString());
    }
    connections.forEach(Connection::close);
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("threads of the API server on port {} did not end", port());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
