package sh.kaito.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import sh.kaito.core.catalog.MetadataLookup;
import sh.kaito.core.catalog.ModelMetadata;
import sh.kaito.core.catalog.ModelMetadata.RepositoryFile;
import sh.kaito.core.catalog.ModelMetadataSource;
import sh.kaito.core.hub.HubRequests.HubException;

/**
 * Metadata of any model of Hugging Face. {@link #resolve} asks the hub; {@link #lookup} answers
 * from memory, so plans never wait. Nothing is asked that a program does not resolve. Safe for any
 * thread; there is nothing to close.
 *
 * <p>Three requests for a model: {@code /api/models/ID/revision/REV} gives commit and spelling,
 * {@code /api/models/ID/tree/SHA} the sizes of the files, {@code /ID/resolve/SHA/config.json} the
 * shape ({@code params.json} where a model in Mistral's format has no other). Everything is read at
 * the commit that the first answer names, and presets are pinned to it. Answers are limited to 8
 * MiB, redirects to five; the access token goes to the hub's own address only, and into no message.
 */
public final class HuggingFaceHub implements ModelMetadataSource {
  /** Rules of the hub for names of owners and models. */
  private static final Pattern ID =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}");

  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private static final int LARGEST_ANSWER = 8 << 20;
  private static final int MOST_PAGES = 20;
  private static final String MAIN = "main";

  private final URI endpoint;
  private final Duration timeout;
  private final HubRequests requests;
  private final Map<String, MetadataLookup> known = new ConcurrentHashMap<>();

  private HuggingFaceHub(Builder builder) {
    this.endpoint = builder.endpoint;
    this.timeout = builder.timeout;
    this.requests = new HubRequests(builder.client(), endpoint, builder.token, timeout);
  }

  /** Settings for the public hub, without a token. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public MetadataLookup lookup(String huggingFaceId) {
    return known.getOrDefault(key(huggingFaceId), new MetadataLookup.NotAsked());
  }

  /**
   * Asks the hub for the newest commit of a model's main branch; see {@link #resolve(String,
   * String)}.
   */
  public CompletableFuture<MetadataLookup> resolve(String huggingFaceId) {
    return resolve(huggingFaceId, MAIN);
  }

  /**
   * Asks the hub for a model and keeps the answer for {@link #lookup}. A model that was found stays
   * as it is when a later call fails.
   *
   * @param huggingFaceId such as {@code microsoft/phi-4}, in any case
   * @param revision a branch, tag or commit
   * @return completed within a few times the timeout, never exceptionally: what goes wrong is a
   *     {@link MetadataLookup.Failed}
   */
  public CompletableFuture<MetadataLookup> resolve(String huggingFaceId, String revision) {
    if (!ID.matcher(huggingFaceId).matches() || huggingFaceId.contains("..")) {
      return kept(
          huggingFaceId,
          new MetadataLookup.Failed(
              "is no name of a model on the hub", "write owner/model, such as microsoft/phi-4"));
    }
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      return kept(
          huggingFaceId,
          new MetadataLookup.Failed(
              "cannot be asked for at this revision", "name a branch, a tag or a commit"));
    }
    return info(huggingFaceId, revision)
        .thenCompose(this::withFiles)
        .thenCompose(this::withConfig)
        .orTimeout(timeout.multipliedBy(4).toMillis(), TimeUnit.MILLISECONDS)
        .<MetadataLookup>thenApply(metadata -> new MetadataLookup.Found(metadata.build()))
        .exceptionally(HuggingFaceHub::failure)
        .thenCompose(found -> kept(huggingFaceId, found));
  }

  private CompletableFuture<MetadataLookup> kept(String id, MetadataLookup answer) {
    known.merge(
        key(id),
        answer,
        (before, now) ->
            now instanceof MetadataLookup.Failed && before instanceof MetadataLookup.Found
                ? before
                : now);
    return CompletableFuture.completedFuture(answer);
  }

  private static String key(String id) {
    return id.toLowerCase(Locale.ROOT);
  }

  /** What the first answers say; grows with each of them. */
  private record Partial(
      String id, String revision, List<RepositoryFile> files, ModelMetadata.Builder metadata) {
    ModelMetadata build() {
      return metadata.files(files).build();
    }
  }

  private CompletableFuture<Partial> info(String id, String revision) {
    URI uri = uri("/api/models/" + id + "/revision/" + revision);
    return requests
        .get(uri, LARGEST_ANSWER)
        .thenApply(
            answer -> {
              JsonNode json = answer.json();
              String name = json.path("id").asText(id);
              String commit = json.path("sha").asText();
              if (!ID.matcher(name).matches() || !COMMIT.matcher(commit).matches()) {
                throw new HubException(
                    "was answered without name or commit by the hub", "try again later");
              }
              JsonNode gated = json.path("gated");
              ModelMetadata.Builder metadata =
                  ModelMetadata.builder()
                      .huggingFaceId(name)
                      .revision(commit)
                      .gated(gated.isTextual() || gated.asBoolean(false))
                      .license(
                          Optional.ofNullable(json.path("cardData").path("license").textValue()));
              return new Partial(name, commit, new ArrayList<>(), metadata);
            });
  }

  private CompletableFuture<Partial> withFiles(Partial model) {
    URI uri = uri("/api/models/" + model.id() + "/tree/" + model.revision() + "?recursive=true");
    return files(uri, model.files(), 1).thenApply(files -> model);
  }

  private CompletableFuture<List<RepositoryFile>> files(
      URI uri, List<RepositoryFile> files, int page) {
    if (page > MOST_PAGES) {
      throw new HubException(
          "has more files than can be looked at", "name a model with fewer files");
    }
    return requests
        .get(uri, LARGEST_ANSWER)
        .thenCompose(
            answer -> {
              for (JsonNode file : answer.json()) {
                if (file.path("type").asText().equals("file")) {
                  files.add(
                      new RepositoryFile(file.path("path").asText(), file.path("size").asLong()));
                }
              }
              return answer
                  .next()
                  .map(next -> files(next, files, page + 1))
                  .orElseGet(() -> CompletableFuture.completedFuture(files));
            });
  }

  private CompletableFuture<Partial> withConfig(Partial model) {
    List<RepositoryFile> files = model.files();
    boolean config = files.stream().anyMatch(file -> file.path().equals("config.json"));
    boolean params = files.stream().anyMatch(file -> file.path().equals("params.json"));
    if (!config && !params) {
      throw new HubException(
          "has no config.json", "name a model in the format of Transformers, not GGUF or ONNX");
    }
    URI uri =
        uri(
            "/"
                + model.id()
                + "/resolve/"
                + model.revision()
                + (config ? "/config.json" : "/params.json"));
    return requests
        .get(uri, LARGEST_ANSWER)
        .thenApply(
            answer -> {
              model.metadata().configJson(answer.text());
              return model;
            });
  }

  private URI uri(String path) {
    return URI.create(endpoint + path);
  }

  private static MetadataLookup failure(Throwable problem) {
    Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof HubException refused) {
      return refused.failure();
    }
    if (cause instanceof LimitedBody.TooLargeException large) {
      return new MetadataLookup.Failed(
          "was answered with " + large.getMessage() + " by the hub", "check the hub's address");
    }
    if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
      return new MetadataLookup.Failed(
          "was not answered in time by the hub", "try again, or check proxy and firewall");
    }
    return new MetadataLookup.Failed(
        "could not be asked for: the hub cannot be reached ("
            + (cause == null ? problem : cause).getClass().getSimpleName()
            + ")",
        "check the hub's address, proxy and firewall");
  }

  @Override
  public String toString() {
    return "HuggingFaceHub{" + endpoint + ", " + known.size() + " models asked for}";
  }

  /** Builds a {@link HuggingFaceHub}. Not thread-safe. */
  public static final class Builder {
    private URI endpoint = URI.create("https://huggingface.co");
    private Optional<String> token = Optional.empty();
    private Duration timeout = Duration.ofSeconds(10);
    private Optional<HttpClient> client = Optional.empty();

    private Builder() {}

    /** Address of the hub, or of a mirror with the same paths. Default: the public hub. */
    public Builder endpoint(URI endpoint) {
      String scheme = String.valueOf(endpoint.getScheme());
      boolean http = scheme.equals("http") || scheme.equals("https");
      if (!http || endpoint.getHost() == null) {
        throw new IllegalArgumentException(
            "endpoint is " + endpoint + ", and must be an http or https address");
      }
      String text = endpoint.toString();
      this.endpoint =
          text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : endpoint;
      return this;
    }

    /** Access token for gated and private models. Default: none. */
    public Builder token(String token) {
      if (token.isBlank() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "the token is empty, or has characters that no token has");
      }
      this.token = Optional.of(token);
      return this;
    }

    /** How long one request may take. Default: 10 seconds. */
    public Builder timeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("timeout is " + timeout + ", and must be above zero");
      }
      this.timeout = timeout;
      return this;
    }

    /** The client for requests, with its proxy and TLS settings. Default: the system's. */
    public Builder client(HttpClient client) {
      this.client = Optional.of(client);
      return this;
    }

    private HttpClient client() {
      return client.orElseGet(
          () -> {
            HttpClient.Builder made =
                HttpClient.newBuilder()
                    .connectTimeout(timeout)
                    .followRedirects(HttpClient.Redirect.NEVER);
            ProxySelector proxies = ProxySelector.getDefault();
            return (proxies == null ? made : made.proxy(proxies)).build();
          });
    }

    /** Builds the hub. */
    public HuggingFaceHub build() {
      return new HuggingFaceHub(this);
    }
  }
}
