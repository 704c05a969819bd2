package sh.kaito.samples.operatorsdk;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.KubeWatch;

/**
 * The engine's way to the API server over the HTTP client that a fabric8 host has already: one
 * configuration, one set of credentials, one connection pool. The client stays the host's.
 */
public final class Fabric8Transport implements KubeTransport {
  private static final int REQUEST_SECONDS = 60;

  private final HttpClient http;
  private final String server;

  /** Over the client of a host. */
  public Fabric8Transport(KubernetesClient client) {
    this.http = client.getHttpClient();
    this.server = client.getMasterUrl().toString().replaceAll("/+$", "");
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    CompletableFuture<KubeResponse> result = new CompletableFuture<>();
    var unusedAnswer =
        http.sendAsync(
                build(request).timeout(REQUEST_SECONDS, TimeUnit.SECONDS).build(), byte[].class)
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    result.completeExceptionally(noAnswer(request, failure));
                  } else {
                    byte[] body = response.body();
                    result.complete(
                        KubeResponse.of(
                            response.code(),
                            response.headers(),
                            body == null ? new byte[0] : body));
                  }
                });
    return result;
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    Stream stream = new Stream(listener);
    var unusedOpening =
        http.consumeBytes(build(request).forStreaming().build(), stream::accept)
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    listener.onEnd(noAnswer(request, failure));
                  } else {
                    stream.begin(response);
                  }
                });
    return stream;
  }

  private HttpRequest.Builder build(KubeRequest request) {
    HttpRequest.Builder builder =
        http.newHttpRequestBuilder().uri(URI.create(server + request.pathAndQuery()));
    request.headers().forEach(builder::setHeader);
    String body = new String(request.body(), StandardCharsets.UTF_8);
    return request.method().equals("GET")
        ? builder
        : builder.method(
            request.method(), request.header("Content-Type").orElse("application/json"), body);
  }

  private static KubeTransportException noAnswer(KubeRequest request, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return new KubeTransportException(
        cause instanceof ConnectException ? Effect.NONE : Effect.UNKNOWN,
        request + ": " + cause,
        cause);
  }

  @Override
  public void close() {
    // The host's to close.
  }

  /** Cuts the bytes of a watch into lines. The client calls one after the other. */
  private static final class Stream implements KubeWatch {
    private final Listener listener;
    private final AtomicReference<@Nullable AsyncBody> body = new AtomicReference<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile boolean closed;
    private boolean rejected;

    Stream(Listener listener) {
      this.listener = listener;
    }

    void begin(HttpResponse<AsyncBody> response) {
      AsyncBody opened = response.body();
      rejected = response.code() != 200;
      body.set(opened);
      var unusedEnd =
          opened
              .done()
              .whenComplete(
                  (done, failure) -> {
                    if (closed) {
                      return;
                    }
                    if (rejected) {
                      listener.onRejected(
                          KubeResponse.of(response.code(), response.headers(), line.toByteArray()));
                    } else {
                      listener.onEnd(failure);
                    }
                  });
      if (closed) {
        opened.cancel();
      } else {
        opened.consume();
      }
    }

    void accept(List<ByteBuffer> buffers, AsyncBody from) {
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          byte next = buffer.get();
          if (next == '\n' && !rejected) {
            byte[] event = line.toByteArray();
            line.reset();
            if (event.length > 0 && !closed) {
              listener.onEvent(event);
            }
          } else {
            line.write(next);
          }
        }
      }
      from.consume();
    }

    @Override
    public void close() {
      closed = true;
      AsyncBody opened = body.get();
      if (opened != null) {
        opened.cancel();
      }
    }
  }
}
