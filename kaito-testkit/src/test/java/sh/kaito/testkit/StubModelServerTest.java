package sh.kaito.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StubModelServerTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private HttpResponse<String> post(URI uri, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void answersOverHttp() throws Exception {
    try (StubModelServer server = StubModelServer.start(StubModel.legacyText("falcon-7b"))) {
      assertThat(post(server.uri().resolve("/chat"), "{\"prompt\":\"Hi ü\"}").body())
          .isEqualTo("{\"Result\":\"Hi ü\\n[simulated falcon-7b] You asked: Hi ü\"}");
      assertThat(post(server.uri().resolve("/chat"), "{").statusCode()).isEqualTo(422);
    }
  }

  @Test
  void streamsOverHttp() throws Exception {
    try (StubModelServer server = StubModelServer.start(StubModel.vllm("m"))) {
      HttpResponse<java.util.stream.Stream<String>> response =
          client.send(
              HttpRequest.newBuilder(server.uri().resolve("/v1/completions"))
                  .timeout(Duration.ofSeconds(30))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"Hi\",\"stream\":true}"))
                  .build(),
              HttpResponse.BodyHandlers.ofLines());
      List<String> lines = response.body().filter(line -> !line.isEmpty()).toList();
      assertThat(lines).hasSizeGreaterThan(3).last().isEqualTo("data: [DONE]");
      assertThat(response.headers().firstValue("Transfer-Encoding")).contains("chunked");
    }
  }

  @Test
  void clientThatStallsDoesNotStopOthers() throws Exception {
    try (StubModelServer server = StubModelServer.start(StubModel.legacyText("m"));
        Socket stalled = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      stalled
          .getOutputStream()
          .write("POST /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{".getBytes(UTF_8));
      stalled.getOutputStream().flush();
      assertThat(post(server.uri().resolve("/chat"), "{\"prompt\":\"Hi\"}").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void handlerThatBreaksShowsNoTrace() throws Exception {
    try (StubModelServer server =
        StubModelServer.start(
            request -> {
              throw new IllegalStateException("secret detail");
            })) {
      HttpResponse<String> response = post(server.uri().resolve("/x"), "{}");
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body()).isEqualTo("Internal Server Error");
    }
  }

  @Test
  void closeLeavesNoThread() throws Exception {
    StubModelServer server = StubModelServer.start(StubModel.legacyText("m"));
    Set<Thread> before = stubThreads(server.port());
    assertThat(before).as("nothing has been asked yet").isEmpty();
    assertThat(post(server.uri().resolve("/chat"), "{\"prompt\":\"Hi\"}").statusCode())
        .isEqualTo(200);
    assertThat(stubThreads(server.port())).isNotEmpty();
    int port = server.port();
    server.close();
    server.close();
    for (Thread thread : stubThreads(port)) {
      thread.join(10_000);
    }
    assertThat(stubThreads(port)).isEmpty();
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> new Socket(InetAddress.getLoopbackAddress(), port).close()))
        .as("nobody listens any more")
        .isInstanceOf(IOException.class);
  }

  private static Set<Thread> stubThreads(int port) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("stub-model-" + port) && thread.isAlive())
        .collect(Collectors.toSet());
  }
}
