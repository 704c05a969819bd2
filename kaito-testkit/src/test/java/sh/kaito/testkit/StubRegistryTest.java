package sh.kaito.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry over HTTP, as a client of the OCI distribution spec finds it. */
class StubRegistryTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] BLOB = "a layer".getBytes(StandardCharsets.UTF_8);

  private final HttpClient http = HttpClient.newHttpClient();
  private StubRegistry registry = StubRegistry.create();

  @AfterEach
  void stop() {
    registry.close();
  }

  private HttpResponse<String> send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    URI root = registry.listen();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(root.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", path, new byte[0], headers);
  }

  private static String sha256(byte[] content) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private String push(byte[] blob) throws IOException, InterruptedException {
    String begun = header(send("POST", "/v2/team/law/blobs/uploads/", new byte[0]), "Location");
    HttpResponse<String> end = send("PUT", begun + "?digest=" + sha256(blob), blob);
    assertThat(end.statusCode()).as(end.body()).isEqualTo(201);
    return header(end, "Location");
  }

  private static byte[] manifest(String config) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + IMAGE
            + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
            + config
            + "\",\"size\":7},\"layers\":[]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aBlobThatWasPushedInTwoRequestsIsServed() throws Exception {
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
    String location = push(BLOB);
    HttpResponse<String> pulled = get(location);
    assertThat(pulled.body()).isEqualTo("a layer");
    assertThat(header(pulled, "Docker-Content-Digest")).isEqualTo(sha256(BLOB));
    HttpResponse<String> head = send("HEAD", location, new byte[0]);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(get("/v2/other/blobs/" + sha256(BLOB)).body())
        .as("a blob belongs to its repository")
        .contains("BLOB_UNKNOWN");
  }

  @Test
  void aBlobInOneRequestAndOneMountedFromAnotherRepository() throws Exception {
    String digest = sha256(BLOB);
    assertThat(send("POST", "/v2/team/law/blobs/uploads/?digest=" + digest, BLOB).statusCode())
        .isEqualTo(201);
    String mount = "/v2/team/tax/blobs/uploads/?mount=" + digest + "&from=team/law";
    assertThat(send("POST", mount, new byte[0]).statusCode()).isEqualTo(201);
    assertThat(get("/v2/team/tax/blobs/" + digest).body()).isEqualTo("a layer");
    String unknown = "/v2/team/tax/blobs/uploads/?mount=" + sha256(new byte[0]) + "&from=team/law";
    assertThat(send("POST", unknown, new byte[0]).statusCode())
        .as("what cannot be mounted is uploaded")
        .isEqualTo(202);
  }

  @Test
  void chunksComeInTheirOrder() throws Exception {
    String at = header(send("POST", "/v2/team/law/blobs/uploads/", new byte[0]), "Location");
    byte[] first = "a la".getBytes(StandardCharsets.UTF_8);
    byte[] second = "yer".getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> one = send("PATCH", at, first, "Content-Range", "0-3");
    assertThat(one.statusCode()).isEqualTo(202);
    assertThat(header(one, "Range")).isEqualTo("0-3");
    assertThat(send("PATCH", at, second, "Content-Range", "7-9").statusCode())
        .as("a gap")
        .isEqualTo(416);
    HttpResponse<String> progress = get(at);
    assertThat(progress.statusCode()).isEqualTo(204);
    assertThat(header(progress, "Range")).isEqualTo("0-3");
    assertThat(send("PATCH", at, second, "Content-Range", "4-6").statusCode()).isEqualTo(202);
    assertThat(send("PUT", at + "?digest=" + sha256(BLOB), new byte[0]).statusCode())
        .isEqualTo(201);
    assertThat(get("/v2/team/law/blobs/" + sha256(BLOB)).body()).isEqualTo("a layer");
    assertThat(send("PATCH", at, second).body()).contains("BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void whatDoesNotFitItsDigestIsRefused() throws Exception {
    String at = header(send("POST", "/v2/team/law/blobs/uploads/", new byte[0]), "Location");
    HttpResponse<String> wrong = send("PUT", at + "?digest=" + sha256(new byte[1]), BLOB);
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("DIGEST_INVALID");
    assertThat(get("/v2/team/law/blobs/" + sha256(new byte[1])).statusCode()).isEqualTo(404);
  }

  @Test
  void aManifestIsFoundByTagAndDigestAndNeedsItsBlobs() throws Exception {
    byte[] content = manifest(sha256(BLOB));
    HttpResponse<String> early =
        send("PUT", "/v2/team/law/manifests/1.0", content, "Content-Type", IMAGE);
    assertThat(early.statusCode()).isEqualTo(404);
    assertThat(early.body()).contains("MANIFEST_BLOB_UNKNOWN");

    push(BLOB);
    HttpResponse<String> put =
        send("PUT", "/v2/team/law/manifests/1.0", content, "Content-Type", IMAGE);
    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(header(put, "Docker-Content-Digest")).isEqualTo(sha256(content));
    for (String reference : new String[] {"1.0", sha256(content)}) {
      HttpResponse<String> found = get("/v2/team/law/manifests/" + reference);
      assertThat(found.body().getBytes(StandardCharsets.UTF_8)).isEqualTo(content);
      assertThat(header(found, "Content-Type")).isEqualTo(IMAGE);
    }
    assertThat(get("/v2/team/law/manifests/2.0").body()).contains("MANIFEST_UNKNOWN");
    assertThat(get("/v2/nobody/manifests/1.0").body()).contains("NAME_UNKNOWN");
    assertThat(
            send("PUT", "/v2/team/law/manifests/" + sha256(BLOB), content, "Content-Type", IMAGE)
                .body())
        .contains("DIGEST_INVALID");
    assertThat(send("PUT", "/v2/team/law/manifests/x", BLOB, "Content-Type", IMAGE).body())
        .contains("MANIFEST_INVALID");
    assertThat(registry.digest("team/law", "1.0")).contains(sha256(content));
    assertThat(registry.repositories()).containsExactly("team/law");
  }

  @Test
  void tagsComeInPages() throws Exception {
    push(BLOB);
    for (String tag : new String[] {"c", "a", "b"}) {
      byte[] content = manifest(sha256(BLOB));
      send("PUT", "/v2/team/law/manifests/" + tag, content, "Content-Type", IMAGE);
    }
    assertThat(get("/v2/team/law/tags/list").body())
        .isEqualTo("{\"name\":\"team/law\",\"tags\":[\"a\",\"b\",\"c\"]}");
    HttpResponse<String> page = get("/v2/team/law/tags/list?n=2");
    assertThat(page.body()).contains("[\"a\",\"b\"]");
    assertThat(header(page, "Link")).isEqualTo("</v2/team/law/tags/list?n=2&last=b>; rel=\"next\"");
    assertThat(get("/v2/team/law/tags/list?n=2&last=b").body()).contains("[\"c\"]");
  }

  @Test
  void whatRefersToAnImageIsListed() throws Exception {
    push(BLOB);
    String config = sha256(BLOB);
    byte[] image = manifest(config);
    send("PUT", "/v2/team/law/manifests/1.0", image, "Content-Type", IMAGE);
    String text = new String(manifest(config), StandardCharsets.UTF_8);
    String signature =
        text.substring(0, text.length() - 1)
            + ",\"artifactType\":\"example/signature\",\"subject\":{\"mediaType\":\""
            + IMAGE
            + "\",\"digest\":\""
            + sha256(image)
            + "\",\"size\":"
            + image.length
            + "}}";
    byte[] content = signature.getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> put =
        send("PUT", "/v2/team/law/manifests/" + sha256(content), content, "Content-Type", IMAGE);
    assertThat(header(put, "OCI-Subject")).isEqualTo(sha256(image));
    assertThat(get("/v2/team/law/referrers/" + sha256(image)).body())
        .contains("example/signature")
        .contains(sha256(content));
  }

  @Test
  void usersPushAndEverybodyPulls() throws Exception {
    registry = StubRegistry.builder().user("ci", "s3cret").build();
    HttpResponse<String> refused = send("POST", "/v2/law/blobs/uploads/", new byte[0]);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.body()).contains("UNAUTHORIZED");
    assertThat(header(refused, "WWW-Authenticate")).startsWith("Basic realm=");
    assertThat(
            send("POST", "/v2/law/blobs/uploads/", new byte[0], "Authorization", basic("ci:s3cret"))
                .statusCode())
        .isEqualTo(202);
    assertThat(
            send("POST", "/v2/law/blobs/uploads/", new byte[0], "Authorization", basic("ci:guess"))
                .statusCode())
        .isEqualTo(401);
    registry.putAdapter("any.example/law:1");
    assertThat(get("/v2/law/manifests/1").statusCode()).isEqualTo(200);
    assertThat(registry.toString()).doesNotContain("s3cret");
  }

  @Test
  void withTokensTheCredentialsAreExchanged() throws Exception {
    registry =
        StubRegistry.builder().user("ci", "s3cret").anonymousPull(false).tokens(true).build();
    HttpResponse<String> refused = get("/v2/law/tags/list");
    String challenge = header(refused, "WWW-Authenticate");
    assertThat(challenge)
        .startsWith("Bearer realm=\"" + registry.listen() + "token\"")
        .contains("scope=\"repository:law:pull\"");
    assertThat(get("/token", "Authorization", basic("ci:guess")).statusCode()).isEqualTo(401);
    String answer = get("/token", "Authorization", basic("ci:s3cret")).body();
    String token = answer.replaceAll(".*\"token\":\"([^\"]*)\".*", "$1");
    assertThat(get("/v2/law/tags/list", "Authorization", "Bearer " + token).body())
        .contains("NAME_UNKNOWN");
    assertThat(token).as("the token does not tell the password").doesNotContain("s3cret");
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void itHoldsNoMoreThanItsCapacity() throws Exception {
    registry = StubRegistry.builder().capacity(1000).build();
    byte[] half = new byte[600];
    push(half);
    String digest = sha256(new byte[500]);
    HttpResponse<String> full =
        send("POST", "/v2/team/law/blobs/uploads/?digest=" + digest, new byte[500]);
    assertThat(full.statusCode()).isEqualTo(413);
    assertThat(full.body()).contains("SIZE_INVALID");
    assertThat(send("POST", "/v2/a/blobs/uploads/?digest=" + digest, new byte[1500]).statusCode())
        .isEqualTo(413);
    assertThatThrownBy(() -> registry.put("a.example/b:1", Map.of("data/x", new byte[100_000])))
        .isInstanceOf(IllegalStateException.class);
    for (int i = 0; i < 200; i++) {
      send("POST", "/v2/team/law/blobs/uploads/", new byte[0]);
    }
    // Uploads that nobody ends give way to others.
    push(new byte[5]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/UPPER/tags/list",
        "/v2/a..b/tags/list",
        "/v2/-a/tags/list",
        "/v2/a/manifests/sha256:zz",
        "/v2/a/blobs/not-a-digest",
        "/v2/a/tags/list?n=-1"
      })
  void hostileNamesAreRefused(String path) throws Exception {
    registry.putAdapter("any.example/a:1");
    assertThat(get(path).statusCode()).isEqualTo(400);
    assertThat(get(path).body()).contains("\"errors\"");
  }

  @Test
  void whileItIsDownNothingIsAnswered() throws Exception {
    registry.setAvailable(false);
    assertThat(get("/v2/").statusCode()).isEqualTo(503);
    registry.putAdapter("any.example/law:1");
    registry.setAvailable(true);
    assertThat(registry.tags("law")).containsExactly("1");
    assertThat(get("/v2/law/tags/list").statusCode()).isEqualTo(200);
    assertThat(send("DELETE", "/v2/law/manifests/1", new byte[0]).statusCode()).isEqualTo(405);
  }
}
