package sh.kaito.testkit.internal.apiserver.http;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.Answer;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.ApiServer;
import sh.kaito.testkit.internal.apiserver.auth.Peer;
import sh.kaito.testkit.internal.apiserver.handlers.RootHandler;
import sh.kaito.testkit.internal.apiserver.tls.ServerCertificates;
import sh.kaito.testkit.internal.apiserver.watch.EventStream;
import sh.kaito.testkit.internal.apiserver.watch.WatchEvent;

/**
 * One client connection. Its thread reads requests and writes answers; while a watch is open it
 * waits for the client to hang up, and the events are written by short tasks.
 */
final class Connection implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** As long as Go's server waits for the handshake. */
  private static final int HANDSHAKE_TIMEOUT_MILLIS = 32_000;

  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final @Nullable ServerCertificates certificates;
  private final ApiServer server;
  private final Executor threads;
  private final Consumer<Connection> onClose;
  private Peer peer = Peer.UNKNOWN;

  Connection(
      Socket socket,
      @Nullable ServerCertificates certificates,
      ApiServer server,
      Executor threads,
      Consumer<Connection> onClose) {
    this.socket = socket;
    this.certificates = certificates;
    this.server = server;
    this.threads = threads;
    this.onClose = onClose;
  }

  @Override
  public void run() {
    try {
      socket.setSoTimeout(HANDSHAKE_TIMEOUT_MILLIS);
      Socket channel = socket;
      if (certificates != null) {
        TlsChannel tls = TlsChannel.open(socket, certificates);
        if (tls == null) {
          return;
        }
        channel = tls.socket();
        peer = tls.peer();
      }
      OutputStream out = new BufferedOutputStream(channel.getOutputStream(), 16 * 1024);
      serve(new RequestReader(channel, channel.getInputStream()), out);
    } catch (IOException e) {
      // The client left, or sent nothing for too long: there is nobody to tell.
      LOG.debug("connection ended: {}", e.toString());
    } finally {
      close();
    }
  }

  private void serve(RequestReader reader, OutputStream out) throws IOException {
    boolean open = true;
    while (open) {
      HttpRequest request;
      try {
        request =
            reader.read(
                () -> {
                  out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  out.flush();
                });
      } catch (RequestReader.BadRequestException e) {
        part(out, RootHandler.text(e.status(), e.text()), false);
        return;
      }
      if (request == null) {
        return;
      }
      open = answer(request, reader, out);
    }
  }

  /** The last answer on a connection. */
  private void part(OutputStream out, KubeResponse response, boolean head) throws IOException {
    write(out, response, head, true);
    Parting.of(socket);
  }

  /** Whether the connection can be used again. */
  private boolean answer(HttpRequest request, RequestReader reader, OutputStream out)
      throws IOException {
    boolean keepAlive = request.keepAlive();
    boolean head = request.isHead();
    KubeRequest translated = request.toKubeRequest();
    if (translated == null) {
      part(out, RootHandler.text(400, "400 Bad Request"), head);
      return false;
    }
    ApiFailure unreadable = request.body().failure();
    if (unreadable != null) {
      part(out, unreadable.response(), head);
      return false;
    }
    Answer answer;
    try {
      answer = server.serve(translated, peer).toCompletableFuture().get();
      if (answer instanceof Answer.Later later) {
        answer = new Answer.Whole(later.response().toCompletableFuture().get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      // A fault on purpose: the client sees a broken connection, not an answer.
      socket.setSoLinger(true, 0);
      return false;
    }
    if (answer instanceof Answer.Stream stream) {
      stream(stream, reader, out);
      return false;
    }
    write(out, ((Answer.Whole) answer).response(), head, !keepAlive);
    return keepAlive;
  }

  private static void write(OutputStream out, KubeResponse response, boolean head, boolean close)
      throws IOException {
    StringBuilder text = new StringBuilder(256);
    text.append("HTTP/1.1 ").append(response.status()).append(' ');
    text.append(Reasons.of(response.status())).append("\r\n");
    appendHeaders(text, response.headers());
    text.append("Content-Length: ").append(response.body().length).append("\r\n");
    if (close) {
      text.append("Connection: close\r\n");
    }
    text.append("\r\n");
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    if (!head) {
      out.write(response.body());
    }
    out.flush();
  }

  private static void appendHeaders(StringBuilder text, Map<String, List<String>> headers) {
    headers.forEach(
        (name, values) -> {
          for (String value : values) {
            // A value with a line break would be a header of its own.
            text.append(name)
                .append(": ")
                .append(value.replace('\r', ' ').replace('\n', ' '))
                .append("\r\n");
          }
        });
  }

  private void stream(Answer.Stream answer, RequestReader reader, OutputStream out)
      throws IOException {
    StringBuilder text = new StringBuilder("HTTP/1.1 200 OK\r\n");
    appendHeaders(text, answer.headers());
    text.append("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    out.flush();
    EventStream stream = answer.stream();
    Sender sender = new Sender(stream, out);
    try {
      stream.open(sender::wake);
      // Nothing more comes from the client but the end.
      long ignored = reader.rest().transferTo(OutputStream.nullOutputStream());
      LOG.trace("a watch ended; {} bytes came after its request", ignored);
    } finally {
      stream.close();
    }
  }

  /** Writes events in short tasks, one at a time. */
  private final class Sender {
    private final EventStream stream;
    private final OutputStream out;
    private final AtomicBoolean scheduled = new AtomicBoolean();

    Sender(EventStream stream, OutputStream out) {
      this.stream = stream;
      this.out = out;
    }

    void wake() {
      if (scheduled.compareAndSet(false, true)) {
        try {
          threads.execute(this::send);
        } catch (RejectedExecutionException e) {
          // The server is closing, and with it this connection.
          LOG.trace("not sent: {}", e.toString());
        }
      }
    }

    private void send() {
      synchronized (this) {
        // Before reading: whatever is written from here on wakes again.
        scheduled.set(false);
        try {
          WatchEvent next;
          while ((next = stream.next()) != null) {
            byte[] event = next.line();
            out.write(Integer.toHexString(event.length + 1).getBytes(StandardCharsets.US_ASCII));
            out.write(CRLF);
            out.write(event);
            out.write('\n');
            out.write(CRLF);
          }
          if (stream.broken() != null) {
            out.flush();
            socket.setSoLinger(true, 0);
            close();
          } else if (stream.finished()) {
            out.write(LAST_CHUNK);
            out.flush();
            close();
          } else {
            out.flush();
          }
        } catch (IOException e) {
          close();
        }
      }
    }
  }

  /** Cuts the connection; its thread ends. Idempotent. */
  void close() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing a connection: {}", e.toString());
    }
    onClose.accept(this);
  }
}
