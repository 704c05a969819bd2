package sh.kaito.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import sh.kaito.core.catalog.MetadataLookup.Failed;

/** Single requests to the hub: redirects, limits, and what its refusals mean. */
final class HubRequests {
  /** An answer that is no help, as a value. */
  static final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Failed failure;

    HubException(String problem, String advice) {
      super(problem);
      this.failure = new Failed(problem, advice);
    }

    Failed failure() {
      return failure;
    }
  }

  private static final int MOST_REDIRECTS = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client;
  private final URI endpoint;
  private final Optional<String> token;
  private final Duration timeout;

  HubRequests(HttpClient client, URI endpoint, Optional<String> token, Duration timeout) {
    this.client = client;
    this.endpoint = endpoint;
    this.token = token;
    this.timeout = timeout;
  }

  /** An answer of status 200. */
  record Answer(byte[] body, Optional<URI> next) {
    JsonNode json() {
      try {
        JsonNode tree = JSON.readTree(body);
        if (tree != null && tree.isContainerNode()) {
          return tree;
        }
      } catch (IOException e) {
        // Jackson's text would quote the answer, which is of no use to a person.
        throw new HubException("was answered with no JSON by the hub", "try again later");
      }
      throw new HubException("was answered with no JSON object by the hub", "try again later");
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  CompletableFuture<Answer> get(URI uri, int limit) {
    return get(uri, limit, 0);
  }

  private CompletableFuture<Answer> get(URI uri, int limit, int redirects) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Accept", "application/json, text/plain")
            .header("User-Agent", "kaito-java");
    // The token is for the hub alone, and not for whom it points to.
    if (token.isPresent() && sameServer(uri)) {
      request.header("Authorization", "Bearer " + token.get());
    }
    return client
        .sendAsync(request.GET().build(), info -> new LimitedBody(limit))
        .thenCompose(
            response -> {
              int status = response.statusCode();
              if (status == 301
                  || status == 302
                  || status == 303
                  || status == 307
                  || status == 308) {
                return get(target(uri, response, redirects), limit, redirects + 1);
              }
              if (status != 200) {
                throw refusal(status, response);
              }
              return CompletableFuture.completedFuture(
                  new Answer(response.body(), next(uri, response)));
            });
  }

  private static URI target(URI from, HttpResponse<byte[]> response, int redirects) {
    if (redirects >= MOST_REDIRECTS) {
      throw new HubException(
          "was redirected more than " + MOST_REDIRECTS + " times by the hub", "try again later");
    }
    String location = response.headers().firstValue("Location").orElse("");
    URI target;
    try {
      target = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new HubException("was redirected to no valid address by the hub", "try again later");
    }
    String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https") || scheme.equals(from.getScheme());
    if (location.isEmpty() || target.getHost() == null || !secure || !scheme.startsWith("http")) {
      throw new HubException(
          "was redirected to an address that is not safe to follow", "check the hub's address");
    }
    return target;
  }

  /** The next page of a list; never from another server. */
  private Optional<URI> next(URI from, HttpResponse<byte[]> response) {
    String link = response.headers().firstValue("Link").orElse("");
    int open = link.indexOf('<');
    int close = link.indexOf('>');
    if (open < 0 || close < open || !link.contains("rel=\"next\"")) {
      return Optional.empty();
    }
    try {
      URI next = from.resolve(link.substring(open + 1, close));
      return sameServer(next) ? Optional.of(next) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean sameServer(URI uri) {
    return endpoint.getScheme().equalsIgnoreCase(uri.getScheme())
        && endpoint.getHost().equalsIgnoreCase(uri.getHost())
        && endpoint.getPort() == uri.getPort();
  }

  private HubException refusal(int status, HttpResponse<byte[]> response) {
    String code = response.headers().firstValue("X-Error-Code").orElse("");
    if (code.equals("GatedRepo") || status == 403) {
      return new HubException(
          "is gated: the hub gives it only to who has accepted its licence (answer " + status + ")",
          "accept the licence on "
              + endpoint
              + (token.isPresent()
                  ? " with the account that the token belongs to"
                  : " and configure a token of that account"));
    }
    if (code.equals("RevisionNotFound") || code.equals("EntryNotFound")) {
      return new HubException(
          "has no such revision, or no config.json in it (answer " + status + ")",
          "name a branch, a tag or a commit of a model in the format of Transformers");
    }
    if (status == 401 || status == 404) {
      return new HubException(
          "does not exist on the hub, or is private (answer " + status + ")",
          token.isPresent()
              ? "check the spelling, and whether the token may read it"
              : "check the spelling; for a private model configure a token");
    }
    if (status == 429) {
      return new HubException(
          "was not answered: the hub limits the rate of requests (answer 429)", "try again later");
    }
    return new HubException(
        "was not answered by the hub (answer " + status + ")", "try again later");
  }
}
