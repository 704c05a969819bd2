package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeWatch;

@Timeout(120)
class HttpKubeWatchTest {
  private static final KubeRequest WATCH = KubeRequest.get("/api/v1/nodes?watch=true").build();

  private final ScratchServer server = new ScratchServer();
  private final HttpKubeTransport transport = HttpKubeTransport.of(client());
  private final RecordingListener listener = new RecordingListener();

  private ApiClient client() {
    return new ClientBuilder().setBasePath(server.url()).build();
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Test
  void handsOnWholeLinesWhateverThePiecesTheyArriveIn() throws Exception {
    String large = "{\"large\":\"" + "ü".repeat(300_000) + "\"}";
    server.handle(
        exchange -> {
          OutputStream out = ScratchServer.stream(exchange);
          write(out, "{\"a\":1}\n{\"b\"");
          write(out, ":2}\r\n\n  \n{\"c\":");
          byte[] bytes = large.getBytes(StandardCharsets.UTF_8);
          write(out, "3}\n");
          for (int i = 0; i < bytes.length; i += 7919) {
            out.write(bytes, i, Math.min(7919, bytes.length - i));
            out.flush();
          }
          write(out, "\n{\"last\":true}");
          exchange.close();
        });
    transport.watch(WATCH, listener);
    assertThat(listener.next()).isEqualTo("{\"a\":1}");
    assertThat(listener.next().strip()).isEqualTo("{\"b\":2}");
    assertThat(listener.next()).isEqualTo("{\"c\":3}");
    assertThat(listener.next()).isEqualTo(large);
    assertThat(listener.next()).as("no newline at the end").isEqualTo("{\"last\":true}");
    assertThat(listener.next()).isEqualTo("end");
  }

  @Test
  void anEventArrivesWhileTheStreamStaysOpenAndLongAfterTheRequestTimeout() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    try (HttpKubeTransport hasty =
        HttpKubeTransport.builder(client()).requestTimeout(Duration.ofMillis(200)).build()) {
      server.handle(
          exchange -> {
            OutputStream out = ScratchServer.stream(exchange);
            write(out, "{\"first\":1}\n");
            ScheduledFuture<?> second =
                later.schedule(
                    () -> {
                      write(out, "{\"second\":2}\n");
                      return null;
                    },
                    1,
                    TimeUnit.SECONDS);
            second.get();
            if (!done.await(60, TimeUnit.SECONDS)) {
              throw new IOException("the test did not end");
            }
          });
      hasty.watch(WATCH, listener);
      assertThat(listener.next()).isEqualTo("{\"first\":1}");
      assertThat(listener.next()).isEqualTo("{\"second\":2}");
    } finally {
      done.countDown();
      later.shutdownNow();
    }
  }

  @Test
  void aStreamThatBreaksEndsWithItsCause() throws Exception {
    server.handle(
        exchange -> {
          OutputStream out = ScratchServer.stream(exchange);
          write(out, "{\"a\":1}\n{\"torn");
          throw ScratchServer.brokenConnection();
        });
    transport.watch(WATCH, listener);
    assertThat(listener.next()).isEqualTo("{\"a\":1}");
    assertThat(listener.next())
        .as("half a line of a broken stream is not handed on")
        .startsWith("end: GET /api/v1/nodes at " + server.url());
  }

  @Test
  void aRefusedWatchIsRejectedWithItsAnswer() throws Exception {
    server.handle(exchange -> ScratchServer.reply(exchange, 410, "{\"reason\":\"Expired\"}"));
    transport.watch(WATCH, listener);
    assertThat(listener.next()).isEqualTo("rejected: 410 {\"reason\":\"Expired\"}");
  }

  @Test
  void afterCloseNothingComesAndTheServerSeesTheEnd() throws Exception {
    CountDownLatch serverSawTheEnd = new CountDownLatch(1);
    server.handle(
        exchange -> {
          OutputStream out = ScratchServer.stream(exchange);
          try {
            while (true) {
              write(out, "{\"event\":\"" + "x".repeat(10_000) + "\"}\n");
            }
          } catch (IOException closed) {
            serverSawTheEnd.countDown();
          }
        });
    KubeWatch watch = transport.watch(WATCH, listener);
    assertThat(listener.next()).startsWith("{\"event\"");
    watch.close();
    watch.close();
    assertThat(serverSawTheEnd.await(60, TimeUnit.SECONDS)).isTrue();
    transport.close();
    assertThat(listener.all())
        .as("heard after close")
        .doesNotContain("end")
        .noneMatch(heard -> heard.startsWith("end:"));
  }

  @Test
  void manyWatchesAndRequestsAreOpenAtOnce() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    server.handle(
        exchange -> {
          if (exchange.getRequestURI().toString().contains("watch")) {
            write(ScratchServer.stream(exchange), "{}\n");
            if (!done.await(60, TimeUnit.SECONDS)) {
              throw new IOException("the test did not end");
            }
          } else {
            ScratchServer.reply(exchange, 200, "{}");
          }
        });
    List<RecordingListener> listeners = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      RecordingListener each = new RecordingListener();
      listeners.add(each);
      transport.watch(WATCH, each);
    }
    for (RecordingListener each : listeners) {
      assertThat(each.next()).isEqualTo("{}");
    }
    KubeResponse response =
        transport
            .exchange(KubeRequest.get("/api/v1/nodes").build())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
    assertThat(response.status()).isEqualTo(200);
    done.countDown();
  }

  @Test
  void aListenerThatThrowsEndsItsWatch() throws Exception {
    CountDownLatch serverSawTheEnd = new CountDownLatch(1);
    server.handle(
        exchange -> {
          OutputStream out = ScratchServer.stream(exchange);
          try {
            while (true) {
              write(out, "{\"event\":\"" + "x".repeat(10_000) + "\"}\n");
            }
          } catch (IOException closed) {
            serverSawTheEnd.countDown();
          }
        });
    RecordingListener broken =
        new RecordingListener() {
          @Override
          public void onEvent(byte[] event) {
            throw new IllegalStateException("thrown on purpose by a test");
          }
        };
    transport.watch(WATCH, broken);
    assertThat(serverSawTheEnd.await(60, TimeUnit.SECONDS)).isTrue();
  }
}
