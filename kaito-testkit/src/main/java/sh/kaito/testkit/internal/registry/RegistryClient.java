package sh.kaito.testkit.internal.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.sim.Objects;

/**
 * The client's side of the protocol: pushes and pulls images as image tools do. Nothing blocks; a
 * registry that refuses fails the stage with {@link RefusedException}.
 */
public final class RegistryClient {
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final String ACCEPT =
      ImageContent.MANIFEST + ", application/vnd.docker.distribution.manifest.v2+json";

  private final RegistryConnection connection;
  private final String host;
  private final String repository;
  private final String credentials;

  /**
   * A client for one repository.
   *
   * @param credentials {@code user:password}; empty: none
   */
  public RegistryClient(RegistryConnection connection, ImageReference image, String credentials) {
    this.connection = connection;
    this.host = image.registry();
    this.repository = image.repository();
    this.credentials = credentials;
  }

  /** A registry said no. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    RefusedException(int status, String message) {
      super(message);
      this.status = status;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }
  }

  /** Blobs that are not there yet, then the manifest under its tag. */
  public CompletionStage<Void> push(String tag, ImageContent image) {
    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
    for (byte[] blob : image.blobs()) {
      done = done.thenCompose(nothing -> pushBlob(blob));
    }
    return done.thenCompose(
        nothing ->
            expect(
                    201,
                    "PUT",
                    path("manifests/" + tag),
                    Map.of("Content-Type", ImageContent.MANIFEST),
                    image.manifest())
                .thenApply(response -> null));
  }

  private CompletionStage<Void> pushBlob(byte[] blob) {
    String digest = Digest.of(blob);
    return send("HEAD", path("blobs/" + digest), Map.of(), new byte[0])
        .thenCompose(
            known ->
                known.status() == 200
                    ? CompletableFuture.<Void>completedFuture(null)
                    : upload(digest, blob));
  }

  private CompletionStage<Void> upload(String digest, byte[] blob) {
    return expect(202, "POST", path("blobs/uploads/"), Map.of(), new byte[0])
        .thenCompose(
            begun -> {
              String location = begun.header("Location").orElse("");
              int scheme = location.indexOf("://");
              String path =
                  scheme < 0 ? location : location.substring(location.indexOf('/', scheme + 3));
              String separator = path.contains("?") ? "&" : "?";
              return expect(
                  201,
                  "PUT",
                  path + separator + "digest=" + digest,
                  Map.of("Content-Type", "application/octet-stream"),
                  blob);
            })
        .thenApply(response -> null);
  }

  /** Whether a manifest is there that this client may pull: what a kubelet needs to know. */
  public CompletionStage<Void> check(String reference) {
    return expect(200, "GET", path("manifests/" + reference), Map.of("Accept", ACCEPT), new byte[0])
        .thenApply(response -> null);
  }

  /** The files of an image, upper layers over lower ones; each blob is checked. */
  public CompletionStage<Map<String, byte[]>> pull(String reference) {
    return expect(200, "GET", path("manifests/" + reference), Map.of("Accept", ACCEPT), new byte[0])
        .thenCompose(
            response -> {
              CompletionStage<Map<String, byte[]>> files =
                  CompletableFuture.completedFuture(new LinkedHashMap<>());
              for (JsonNode layer : layers(response)) {
                files = files.thenCompose(lower -> pullLayer(layer, lower));
              }
              return files;
            });
  }

  private static JsonNode layers(KubeResponse manifest) {
    try {
      return Objects.MAPPER.readTree(manifest.body()).path("layers");
    } catch (IOException e) {
      throw new IllegalStateException("a registry answered a manifest that is no JSON", e);
    }
  }

  private CompletionStage<Map<String, byte[]>> pullLayer(
      JsonNode layer, Map<String, byte[]> lower) {
    String digest = layer.path("digest").asText();
    return expect(200, "GET", path("blobs/" + digest), Map.of(), new byte[0])
        .thenCompose(
            blob -> {
              if (!Digest.isWellFormed(digest) || !Digest.fits(digest, blob.body())) {
                return CompletableFuture.failedFuture(
                    new IOException("a layer does not have the digest " + digest));
              }
              try {
                lower.putAll(Tar.read(blob.body()));
                return CompletableFuture.completedFuture(lower);
              } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
              }
            });
  }

  private String path(String rest) {
    return "/v2/" + repository + "/" + rest;
  }

  private CompletionStage<KubeResponse> expect(
      int status, String method, String path, Map<String, String> headers, byte[] body) {
    return send(method, path, headers, body)
        .thenCompose(
            response ->
                response.status() == status
                    ? CompletableFuture.completedFuture(response)
                    : CompletableFuture.failedFuture(
                        new RefusedException(response.status(), said(method, path, response))));
  }

  private String said(String method, String path, KubeResponse response) {
    String message = "";
    try {
      JsonNode error = Objects.MAPPER.readTree(response.body()).path("errors").path(0);
      message =
          error.isMissingNode()
              ? ""
              : ": "
                  + error.path("code").asText().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                  + ": "
                  + error.path("message").asText();
    } catch (IOException e) {
      message = ": the answer is not JSON";
    }
    return method
        + " \"http://"
        + host
        + path
        + "\": response status code "
        + response.status()
        + message;
  }

  private CompletionStage<KubeResponse> send(
      String method, String path, Map<String, String> headers, byte[] body) {
    return exchange(method, path, headers, body, "")
        .thenCompose(
            first ->
                first.status() == 401 && !credentials.isEmpty()
                    ? authorized(first)
                        .thenCompose(auth -> exchange(method, path, headers, body, auth))
                    : CompletableFuture.completedFuture(first));
  }

  /** What the challenge asks for: the credentials themselves, or a token for them. */
  private CompletionStage<String> authorized(KubeResponse refused) {
    String challenge = refused.header("WWW-Authenticate").orElse("");
    String basic =
        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    if (!challenge.startsWith("Bearer ")) {
      return CompletableFuture.completedFuture(basic);
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    Matcher matcher = PARAMETER.matcher(challenge);
    while (matcher.find()) {
      parameters.put(matcher.group(1), matcher.group(2));
    }
    String realm = parameters.getOrDefault("realm", "");
    int slash = realm.indexOf('/', realm.indexOf("://") + 3);
    KubeRequest.Builder request =
        KubeRequest.get(slash < 0 ? "/" : realm.substring(slash)).header("Authorization", basic);
    for (String name : List.of("service", "scope")) {
      if (parameters.containsKey(name)) {
        request.query(name, parameters.get(name));
      }
    }
    return connection
        .exchange(request.build())
        .thenCompose(
            answer -> {
              if (answer.status() != 200) {
                return CompletableFuture.failedFuture(
                    new RefusedException(answer.status(), said("GET", "/token", answer)));
              }
              try {
                return CompletableFuture.completedFuture(
                    "Bearer " + Objects.MAPPER.readTree(answer.body()).path("token").asText());
              } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
              }
            });
  }

  private CompletionStage<KubeResponse> exchange(
      String method, String path, Map<String, String> headers, byte[] body, String authorization) {
    KubeRequest.Builder request = KubeRequest.of(method, path);
    headers.forEach(
        (name, value) -> {
          if (!name.equals("Content-Type")) {
            request.header(name, value);
          }
        });
    if (method.equals("PUT") || method.equals("POST") || method.equals("PATCH")) {
      request.body(headers.getOrDefault("Content-Type", "application/octet-stream"), body);
    }
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return connection.exchange(request.build());
  }
}
