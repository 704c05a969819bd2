package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.core.internal.kube.KubeJson.MalformedJsonException;

/**
 * An answer of an API server, read as JSON. Failures are values: a {@code Status} object with a
 * reason and a message, reached through accessors that also work where a proxy on the way answered
 * in plain text. Immutable, if nobody changes the tree.
 */
public final class KubeResult {
  private static final int LONGEST_TEXT = 300;

  private final int status;
  private final JsonNode body;
  private final String text;
  private final Optional<Duration> retryAfter;
  private final List<String> warnings;

  private KubeResult(
      int status,
      JsonNode body,
      String text,
      Optional<Duration> retryAfter,
      List<String> warnings) {
    this.status = status;
    this.body = body;
    this.text = text;
    this.retryAfter = retryAfter;
    this.warnings = warnings;
  }

  /**
   * Reads an answer.
   *
   * @throws MalformedJsonException when a 2xx answer is not JSON: then something other than an API
   *     server answered
   */
  public static KubeResult of(KubeResponse response) throws MalformedJsonException {
    return of(response, false);
  }

  /**
   * Reads an answer.
   *
   * @param pruned without {@code metadata.managedFields}
   */
  static KubeResult of(KubeResponse response, boolean pruned) throws MalformedJsonException {
    JsonNode body = MissingNode.getInstance();
    String text = "";
    try {
      body = pruned ? KubeJson.readPruned(response.body()) : KubeJson.read(response.body());
    } catch (MalformedJsonException e) {
      if (response.isSuccess()) {
        throw e;
      }
      text = response.bodyText().strip();
    }
    return new KubeResult(
        response.status(),
        body,
        text,
        retryAfter(response, body),
        response.headers().getOrDefault("Warning", List.of()));
  }

  /** The same answer with another body; used to join the pages of a list. */
  KubeResult withBody(JsonNode newBody) {
    return new KubeResult(status, newBody, text, retryAfter, warnings);
  }

  private static Optional<Duration> retryAfter(KubeResponse response, JsonNode body) {
    Optional<Duration> header = response.header("Retry-After").flatMap(KubeResult::seconds);
    if (header.isPresent()) {
      return header;
    }
    JsonNode seconds = body.path("details").path("retryAfterSeconds");
    return seconds.canConvertToInt() && !response.isSuccess()
        ? Optional.of(Duration.ofSeconds(Math.max(0, seconds.intValue())))
        : Optional.empty();
  }

  /** Kubernetes writes whole seconds; the date form of HTTP is not used by it. */
  private static Optional<Duration> seconds(String header) {
    return header.matches("\\d{1,9}")
        ? Optional.of(Duration.ofSeconds(Long.parseLong(header)))
        : Optional.empty();
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The object, list or {@code Status}; a missing node where the answer was no JSON. */
  public JsonNode body() {
    return body;
  }

  /** Whether the status is 2xx. */
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** {@code Status.reason}, such as {@code AlreadyExists}; empty on success. */
  public String reason() {
    return isSuccess() ? "" : body.path("reason").asText("");
  }

  /** {@code Status.message}, or the text of an answer that was no JSON; empty on success. */
  public String message() {
    if (isSuccess()) {
      return "";
    }
    return body.path("message").asText(text.isEmpty() ? "HTTP status " + status : shorten(text));
  }

  /** How long the server asks to wait: header {@code Retry-After} or {@code Status.details}. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /** Texts of {@code Warning} headers, such as deprecations, as they stood on the wire. */
  public List<String> warnings() {
    return warnings;
  }

  /** 404: the object, or the resource type itself, is not there. */
  public boolean isNotFound() {
    return status == 404;
  }

  /** 409 of a create: the name is taken. */
  public boolean isAlreadyExists() {
    return status == 409 && reason().equals("AlreadyExists");
  }

  /** 409 of anything else: a precondition, resourceVersion or field owner stood against it. */
  public boolean isConflict() {
    return status == 409 && !isAlreadyExists();
  }

  /** 410: the resourceVersion or continue token is too old. */
  public boolean isExpired() {
    return status == 410;
  }

  /** 422: validation, or a failed test of a JSON patch. */
  public boolean isInvalid() {
    return status == 422;
  }

  /** 401. */
  public boolean isUnauthorized() {
    return status == 401;
  }

  /** 403: no permission, or refused by admission or quota. */
  public boolean isForbidden() {
    return status == 403;
  }

  /** 429: the server did not begin; the same request may be sent again. */
  public boolean isTooManyRequests() {
    return status == 429;
  }

  /** Whether the same request may well succeed later: 408, 429 and 5xx. */
  public boolean isTransient() {
    return status == 408 || status == 429 || status >= 500;
  }

  /** {@code metadata.uid} of the answered object; empty where there is none. */
  public String uid() {
    return KubeJson.uid(body);
  }

  /** {@code metadata.resourceVersion} of the answered object or list; empty where there is none. */
  public String resourceVersion() {
    return KubeJson.resourceVersion(body);
  }

  /** What a person reads in a log: status, reason and message. Never the object. */
  @Override
  public String toString() {
    return isSuccess() ? "HTTP " + status : "HTTP " + status + " " + reason() + ": " + message();
  }

  private static String shorten(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
  }
}
