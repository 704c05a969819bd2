package sh.kaito.testkit.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.internal.json.Json;

/** What is no HTTP request, or half of one, gets the answer that Go's server gives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedRequestTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static final int LIMIT = 3 * 1024 * 1024;

  private final KubeApiServer server = KubeApiServer.start();

  @AfterAll
  void close() {
    server.close();
  }

  private RawClient connect() throws IOException {
    return new RawClient(server);
  }

  private static String post(String headers) {
    return "POST "
        + CONFIG_MAPS
        + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + headers
        + "\r\n\r\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET / | 400 Bad Request",
        "GET | 400 Bad Request",
        "G@T / HTTP/1.1 | 400 Bad Request",
        "GET / HTTP/1.1 x | 400 Bad Request",
        "GET / HTTP/2.0 | 505 HTTP Version Not Supported: unsupported protocol version",
        "GET nothing HTTP/1.1~Host: x | 400 Bad Request",
        "GET /%zz HTTP/1.1~Host: x | 400 Bad Request",
        "GET /api HTTP/1.1 | 400 Bad Request: missing required Host header",
        "GET /api HTTP/1.1~Host: x~no colon | 400 Bad Request",
        "GET /api HTTP/1.1~Host: x~a b: c | 400 Bad Request: invalid header name",
        "POST /api HTTP/1.1~Host: x~Content-Length: -1 | 400 Bad Request",
        "POST /api HTTP/1.1~Host: x~Content-Length: 1, 2 | 400 Bad Request",
        "POST /api HTTP/1.1~Host: x~Transfer-Encoding: gzip | 501 Not Implemented",
        "POST /api HTTP/1.1~Host: x~Expect: a-pony | 417 Expectation Failed"
      })
  void aMalformedHeadEndsTheConnection(String head, String body) throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer answer = client.send(head.replace("~", "\r\n") + "\r\n\r\n").answer();
      assertThat(answer.body()).as(head).isEqualTo(body);
      assertThat(answer.status()).isEqualTo(Integer.parseInt(body.substring(0, 3)));
      assertThat(client.isClosed()).as("the connection after it").isTrue();
    }
  }

  @Test
  void headersBeyondOneMebibyteAreRefused() throws IOException {
    try (RawClient client = connect()) {
      client.send("GET /version HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat((1 << 20) + 8192));
      assertThat(client.answer().body()).isEqualTo("431 Request Header Fields Too Large");
    }
  }

  @Test
  void aBodyBeyondThreeMebibytesIsRefusedAndNotHeld() throws IOException {
    try (RawClient client = connect()) {
      client.send(post("Content-Length: " + (LIMIT + 1))).send(new byte[LIMIT + 1]);
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body())
          .isEqualTo(
              "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                  + "\"message\":\"Request entity too large: limit is 3145728\","
                  + "\"reason\":\"RequestEntityTooLarge\",\"code\":413}");
    }
    try (RawClient client = connect()) {
      client.send(post("Transfer-Encoding: chunked")).send("7fffffffffffffff\r\n");
      assertThat(client.answer().status()).as("a chunk of eight exbibytes").isEqualTo(413);
    }
  }

  @Test
  void aHalfSentBodyIsAnErrorAndNotAWait() throws IOException {
    try (RawClient client = connect()) {
      client.send(post("Content-Length: 100")).send("{\"kind\":").halfClose();
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(500);
      assertThat(Json.text(Json.parse(answer.body().getBytes(StandardCharsets.UTF_8)), "message"))
          .isEqualTo("unexpected EOF");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "xyz~ | invalid byte in chunk length",
        "-5~ | invalid byte in chunk length",
        "2~{}}~ | malformed chunked encoding",
        "5~{} | unexpected EOF"
      })
  void badChunksAreAnError(String chunks, String message) throws IOException {
    try (RawClient client = connect()) {
      client.send(post("Transfer-Encoding: chunked")).send(chunks.replace("~", "\r\n")).halfClose();
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).as(chunks).isEqualTo(500);
      assertThat(Json.text(Json.parse(answer.body().getBytes(StandardCharsets.UTF_8)), "message"))
          .isEqualTo(message);
    }
  }

  @Test
  void goodChunksAreABody() throws IOException {
    String body =
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"chunked\"}}";
    try (RawClient client = connect()) {
      client
          .send(post("Transfer-Encoding: chunked"))
          .send("10;ext=1\r\n" + body.substring(0, 16) + "\r\n")
          .send(Integer.toHexString(body.length() - 16) + "\r\n" + body.substring(16) + "\r\n")
          .send("0\r\nTrailer: x\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(201);
      assertThat(client.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").answer().status())
          .as("the next request on the connection")
          .isEqualTo(200);
    }
  }

  @Test
  void requestsSentAtOnceAreAnsweredInOrder() throws IOException {
    try (RawClient client = connect()) {
      client.send(
          "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
              + "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
              + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.answer().body()).isEqualTo("404 page not found\n");
      assertThat(client.answer().body()).isEqualTo("ok");
      assertThat(client.isClosed()).as("closed as asked").isTrue();
    }
  }

  @Test
  void aClientMayWaitForTheWordToSendItsBody() throws IOException {
    String body =
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"polite\"}}";
    try (RawClient client = connect()) {
      client.send(post("Expect: 100-continue\r\nContent-Length: " + body.length()));
      assertThat(client.head().status()).isEqualTo(100);
      assertThat(client.send(body).answer().status()).isEqualTo(201);
    }
  }

  @Test
  void headGetsNoBodyAndUnknownMethodsAreNotAllowed() throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer head = client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n").head();
      assertThat(head.status()).isEqualTo(200);
      RawClient.Answer brew =
          client.send("BREW " + CONFIG_MAPS + " HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      assertThat(brew.status()).as("after a HEAD without body").isEqualTo(405);
      assertThat(brew.body())
          .contains("the server does not allow this method on the requested resource");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/namespaces/%2e%2e/configmaps",
        "/api/v1/namespaces/default/configmaps/%00",
        "/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets",
        "//api//v1//namespaces",
        "/api/v1/namespaces/default/configmaps/%ff%fe",
        "/api/v1/namespaces/default/configmaps/a/b/c/d/e",
        "/apis/////",
        "/api/v1/watch",
        "/api/v1/namespaces/default/pods/x/proxy/%2e%2e/%2e%2e/secret",
        "/?a=%zz&b;c",
        "/api/v1/configmaps?limit=-1&continue=%00&resourceVersion=-9&labelSelector=%5b"
      })
  void strangePathsGetAnAnswer(String path) throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer answer =
          client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      assertThat(answer.status()).as(path + ": " + answer.body()).isBetween(200, 504);
      assertThat(answer.body())
          .as("no defect of the server and no trace of it")
          .doesNotContain("the embedded API server failed")
          .doesNotContain("\tat ");
      assertThat(client.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").answer().status())
          .as("the connection goes on")
          .isEqualTo(200);
    }
  }

  @Test
  void aVeryLongPathIsJustNotFound() throws IOException {
    try (RawClient client = connect()) {
      String path = CONFIG_MAPS + "/" + "a".repeat(500_000);
      RawClient.Answer answer =
          client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      assertThat(answer.status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/yaml",
        "application/merge-patch+json",
        "application/json-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
        "application/vnd.kubernetes.protobuf"
      })
  void bodiesNestedAsDeepAsTheyGoDoNotBreakTheServer(String contentType) throws IOException {
    String body = "[".repeat(1_000_000);
    String method = contentType.contains("patch") ? "PATCH" : "POST";
    String path = CONFIG_MAPS + (method.equals("PATCH") ? "/a?fieldManager=x&force=true" : "");
    try (RawClient client = connect()) {
      RawClient.Answer answer =
          client
              .send(
                  method
                      + " "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nContent-Type: "
                      + contentType
                      + "\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n")
              .send(body)
              .answer();
      assertThat(answer.status()).as(contentType).isBetween(400, 499);
      assertThat(answer.body()).doesNotContain("the embedded API server failed");
    }
  }
}
