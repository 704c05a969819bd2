package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.credentials.AccessTokenAuthentication;
import io.kubernetes.client.util.credentials.RefreshAuthentication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.PatchType;

@Timeout(120)
class HttpKubeTransportTest {
  private final ScratchServer server = new ScratchServer();
  private final HttpKubeTransport transport = HttpKubeTransport.of(client("hunter2"));

  @AfterEach
  void close() {
    transport.close();
    server.close();
  }

  private ApiClient client(String token) {
    return new ClientBuilder()
        .setBasePath(server.url())
        .setAuthentication(new AccessTokenAuthentication(token))
        .build();
  }

  private static KubeResponse answer(CompletionStage<KubeResponse> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static KubeTransportException failure(CompletionStage<KubeResponse> stage) {
    Throwable thrown = catchThrowable(() -> stage.toCompletableFuture().join());
    if (thrown instanceof CompletionException
        && thrown.getCause() instanceof KubeTransportException failure) {
      return failure;
    }
    throw new AssertionError("A KubeTransportException was due, not " + thrown, thrown);
  }

  @Test
  void sendsRequestsAsTheyAreWithTheClientsCredentials() throws Exception {
    server.handle(exchange -> ScratchServer.reply(exchange, 201, "{\"kind\":\"Pod\"}"));
    KubeResponse response =
        answer(
            transport.exchange(
                KubeRequest.patch(
                        "/api/v1/namespaces/a%2Fb/pods/p?fieldManager=m",
                        PatchType.APPLY, "{\"x\":\"ü\"}".getBytes(StandardCharsets.UTF_8))
                    .query("labelSelector", "app in (x, y)")
                    .header("Accept", "application/json;as=PartialObjectMetadata")
                    .build()));
    assertThat(response.status()).isEqualTo(201);
    assertThat(response.bodyText()).isEqualTo("{\"kind\":\"Pod\"}");
    assertThat(response.header("content-TYPE")).contains("application/json");
    ScratchServer.Seen seen = server.seen.get(0);
    assertThat(seen.line())
        .isEqualTo(
            "PATCH /api/v1/namespaces/a%2Fb/pods/p?fieldManager=m"
                + "&labelSelector=app%20in%20%28x%2C%20y%29");
    assertThat(seen.body()).isEqualTo("{\"x\":\"ü\"}");
    assertThat(seen.header("Content-Type")).isEqualTo("application/apply-patch+yaml");
    assertThat(seen.header("Accept")).isEqualTo("application/json;as=PartialObjectMetadata");
    assertThat(seen.header("Authorization")).isEqualTo("Bearer hunter2");
    assertThat(seen.header("User-Agent")).isEqualTo("kaito-java");
  }

  @Test
  void everyStatusIsAnAnswerAndRedirectsAreNotFollowed() throws Exception {
    Deque<Integer> statuses = new ArrayDeque<>(List.of(404, 409, 503, 302));
    server.handle(
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          exchange.getResponseHeaders().add("Retry-After", "0");
          ScratchServer.reply(exchange, statuses.remove(), "{}");
        });
    for (int status : List.of(404, 409, 503, 302)) {
      KubeRequest write = KubeRequest.post("/api/v1/nodes", new byte[0]).build();
      assertThat(answer(transport.exchange(write)).status()).isEqualTo(status);
    }
    assertThat(server.seen).as("each request was sent once").hasSize(4);
  }

  @Test
  void deleteCarriesABodyOrNone() throws Exception {
    server.handle(exchange -> ScratchServer.reply(exchange, 200, "{}"));
    answer(transport.exchange(KubeRequest.delete("/api/v1/nodes/n").build()));
    answer(
        transport.exchange(
            KubeRequest.delete("/api/v1/nodes/n")
                .body("application/json", "{\"preconditions\":{}}".getBytes(StandardCharsets.UTF_8))
                .build()));
    assertThat(server.seen)
        .extracting(ScratchServer.Seen::body)
        .containsExactly("", "{\"preconditions\":{}}");
  }

  @Test
  void aRefusedConnectionHadNoEffect() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ApiClient nobody = new ClientBuilder().setBasePath("http://127.0.0.1:" + port).build();
    try (HttpKubeTransport lost = HttpKubeTransport.of(nobody)) {
      KubeTransportException failure =
          failure(lost.exchange(KubeRequest.post("/api/v1/nodes", new byte[0]).build()));
      assertThat(failure.effect()).isEqualTo(Effect.NONE);
      assertThat(failure)
          .hasMessageStartingWith("POST /api/v1/nodes at http://127.0.0.1:" + port + ": ");
    }
  }

  @Test
  void anAnswerThatIsLostMayHaveHadAnEffectAndTheWriteIsNotRepeated() {
    server.handle(HttpExchange::close);
    KubeTransportException failure =
        failure(transport.exchange(KubeRequest.post("/api/v1/nodes", new byte[0]).build()));
    assertThat(failure.effect()).isEqualTo(Effect.UNKNOWN);
    assertThat(server.seen).as("how often the write was sent").hasSize(1);
  }

  @Test
  void aSlowAnswerIsGivenUpButNotThroughAProxy() throws Exception {
    CountDownLatch given = new CountDownLatch(1);
    server.handle(
        exchange -> {
          if (!given.await(60, TimeUnit.SECONDS)) {
            throw new IOException("the test did not let the answer go");
          }
          ScratchServer.reply(exchange, 200, "{}");
        });
    try (HttpKubeTransport hasty =
        HttpKubeTransport.builder(client("t")).requestTimeout(Duration.ofMillis(300)).build()) {
      CompletionStage<KubeResponse> chat =
          hasty.exchange(
              KubeRequest.post("/api/v1/namespaces/n/services/s/proxy/chat", new byte[0]).build());
      KubeTransportException failure =
          failure(hasty.exchange(KubeRequest.get("/api/v1/nodes").build()));
      assertThat(failure.effect()).isEqualTo(Effect.UNKNOWN);
      assertThat(failure).hasMessageContaining("no answer within PT0.3S");
      given.countDown();
      assertThat(answer(chat).status()).isEqualTo(200);
    }
  }

  @Test
  void renewableCredentialsAreRenewedOnceWhenTheServerRefusesThem() throws Exception {
    server.handle(
        exchange -> {
          boolean fresh =
              "Bearer token-2".equals(exchange.getRequestHeaders().getFirst("Authorization"));
          ScratchServer.reply(exchange, fresh ? 200 : 401, "{}");
        });
    List<String> issued = new ArrayList<>(List.of("token-1", "token-1", "token-2"));
    ApiClient client = new ClientBuilder().setBasePath(server.url()).build();
    new RefreshAuthentication(() -> issued.remove(0), Duration.ofHours(1)).provide(client);
    try (HttpKubeTransport renewing = HttpKubeTransport.of(client)) {
      KubeRequest write =
          KubeRequest.post("/api/v1/nodes", "{}".getBytes(StandardCharsets.UTF_8)).build();
      assertThat(answer(renewing.exchange(write)).status()).isEqualTo(200);
      assertThat(server.seen).extracting(ScratchServer.Seen::body).containsExactly("{}", "{}");
      assertThat(answer(renewing.exchange(write)).status()).isEqualTo(200);
      assertThat(server.seen).as("the new token is kept").hasSize(3);
    }
  }

  @Test
  void credentialsThatCannotBeFetchedFailTheRequest() {
    List<String> issued = new ArrayList<>(List.of("at construction"));
    ApiClient client = new ClientBuilder().setBasePath(server.url()).build();
    new RefreshAuthentication(() -> issued.remove(0), Duration.ofHours(1)).provide(client);
    try (HttpKubeTransport failing = HttpKubeTransport.of(client)) {
      KubeTransportException failure =
          failure(failing.exchange(KubeRequest.get("/api/v1/nodes").build()));
      assertThat(failure.effect()).isEqualTo(Effect.NONE);
    }
  }

  @Test
  void tokensAreNotLoggedEvenWhenTheClientDebugs() throws Exception {
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(String.valueOf(record.getMessage()));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    Level before = root.getLevel();
    root.addHandler(handler);
    root.setLevel(Level.ALL);
    try {
      server.handle(exchange -> ScratchServer.reply(exchange, 200, "{}"));
      try (HttpKubeTransport debugging =
          HttpKubeTransport.of(client("hunter3").setDebugging(true))) {
        answer(debugging.exchange(KubeRequest.get("/api/v1/nodes").build()));
        assertThat(server.seen.get(0).header("Authorization")).isEqualTo("Bearer hunter3");
        assertThat(debugging.toString()).doesNotContain("hunter3");
      }
      assertThat(logged).noneMatch(line -> line.contains("hunter3"));
    } finally {
      root.setLevel(before);
      root.removeHandler(handler);
    }
  }

  @Test
  void closeEndsWhatIsUnderWayAndLeavesNoThread() throws Exception {
    CountDownLatch arrived = new CountDownLatch(2);
    CountDownLatch over = new CountDownLatch(1);
    server.handle(
        exchange -> {
          arrived.countDown();
          if (!over.await(60, TimeUnit.SECONDS)) {
            throw new IOException("the test did not end");
          }
        });
    CompletionStage<KubeResponse> request =
        transport.exchange(KubeRequest.post("/api/v1/nodes", new byte[0]).build());
    RecordingListener listener = new RecordingListener();
    transport.watch(KubeRequest.get("/api/v1/nodes?watch=true").build(), listener);
    assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();

    assertThat(transport.callThreads()).as("threads before close").hasSize(2);
    transport.close();
    transport.close();
    assertThat(transport.callThreads()).as("threads after close").isEmpty();
    assertThat(failure(request).effect()).isEqualTo(Effect.UNKNOWN);
    assertThat(listener.next()).startsWith("end: GET /api/v1/nodes at ");
    over.countDown();

    KubeTransportException late =
        failure(transport.exchange(KubeRequest.get("/api/v1/nodes").build()));
    assertThat(late.effect()).isEqualTo(Effect.NONE);
    assertThat(late).hasMessageContaining("the transport was closed");
    RecordingListener lateWatch = new RecordingListener();
    transport.watch(KubeRequest.get("/api/v1/nodes?watch=true").build(), lateWatch);
    assertThat(lateWatch.next()).contains("the transport was closed");
  }

  @Test
  void refusesAnAddressThatIsNone() {
    ApiClient client = new ApiClient().setBasePath("kubernetes.default.svc");
    assertThatThrownBy(() -> HttpKubeTransport.of(client))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not an http or https URL: kubernetes.default.svc");
  }
}
