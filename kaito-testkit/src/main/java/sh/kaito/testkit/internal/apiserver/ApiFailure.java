package sh.kaito.testkit.internal.apiserver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.Refusal;

/**
 * An answer other than success, as a {@code Status} object, in the words of kube-apiserver. Carries
 * no stack trace: it is a value on its way to a client.
 */
public final class ApiFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String reason;
  private final transient @Nullable Map<String, Object> details;
  private final @Nullable Integer retryAfterSeconds;
  private final String continueToken;

  private ApiFailure(
      int code,
      String reason,
      String message,
      @Nullable Map<String, Object> details,
      @Nullable Integer retryAfterSeconds) {
    this(code, reason, message, details, retryAfterSeconds, "");
  }

  private ApiFailure(
      int code,
      String reason,
      String message,
      @Nullable Map<String, Object> details,
      @Nullable Integer retryAfterSeconds,
      String continueToken) {
    super(message, null, false, false);
    this.continueToken = continueToken;
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public int code() {
    return code;
  }

  public String reason() {
    return reason;
  }

  public @Nullable Integer retryAfterSeconds() {
    return retryAfterSeconds;
  }

  private String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  /** The Status object. */
  public Map<String, Object> status() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("metadata", continueToken.isEmpty() ? Map.of() : Map.of("continue", continueToken));
    status.put("status", "Failure");
    status.put("message", text());
    if (!reason.isEmpty()) {
      status.put("reason", reason);
    }
    if (details != null) {
      status.put("details", details);
    }
    status.put("code", (long) code);
    return status;
  }

  /** The whole answer. */
  public KubeResponse response() {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    headers.put("Content-Type", List.of("application/json"));
    if (retryAfterSeconds != null) {
      headers.put("Retry-After", List.of(retryAfterSeconds.toString()));
    }
    return KubeResponse.of(code, headers, Json.write(status()));
  }

  private static Map<String, Object> details(String name, String group, String kind) {
    Map<String, Object> details = new LinkedHashMap<>();
    if (!name.isEmpty()) {
      details.put("name", name);
    }
    if (!group.isEmpty()) {
      details.put("group", group);
    }
    if (!kind.isEmpty()) {
      details.put("kind", kind);
    }
    return details;
  }

  private static String qualified(String name, String group) {
    return group.isEmpty() ? name : name + "." + group;
  }

  /** Any failure without details. */
  public static ApiFailure of(int code, String reason, String message) {
    return new ApiFailure(code, reason, message, null, null);
  }

  /** What the rules of a type refuse. */
  public static ApiFailure of(Refusal refusal) {
    List<Map<String, Object>> causes = new ArrayList<>();
    refusal
        .causes()
        .forEach(
            cause -> causes.add(new Cause(cause.reason(), cause.field(), cause.message()).json()));
    Map<String, Object> details = new LinkedHashMap<>();
    if (!causes.isEmpty()) {
      details.put("causes", causes);
    }
    boolean unspecific = refusal.reason().equals("Invalid") || refusal.reason().equals("Conflict");
    return new ApiFailure(
        refusal.status(),
        refusal.reason(),
        refusal.getMessage(),
        unspecific || !causes.isEmpty() ? details : null,
        null);
  }

  public static ApiFailure notFound(ResourceType type, String name) {
    return new ApiFailure(
        404,
        "NotFound",
        qualified(type.plural(), type.group()) + " " + Quoting.go(name) + " not found",
        details(name, type.group(), type.plural()),
        null);
  }

  /** The path names no resource of a known group. */
  public static ApiFailure unknownResource() {
    return new ApiFailure(
        404, "NotFound", "the server could not find the requested resource", Map.of(), null);
  }

  public static ApiFailure methodNotAllowed() {
    return new ApiFailure(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        Map.of(),
        null);
  }

  public static ApiFailure alreadyExists(ResourceType type, String name, boolean deleting) {
    return new ApiFailure(
        409,
        "AlreadyExists",
        (deleting ? "object is being deleted: " : "")
            + qualified(type.plural(), type.group())
            + " "
            + Quoting.go(name)
            + " already exists",
        details(name, type.group(), type.plural()),
        null);
  }

  public static ApiFailure conflict(ResourceType type, String name, String why) {
    return new ApiFailure(
        409,
        "Conflict",
        "Operation cannot be fulfilled on "
            + qualified(type.plural(), type.group())
            + " "
            + Quoting.go(name)
            + ": "
            + why,
        details(name, type.group(), type.plural()),
        null);
  }

  /** The object moved since it was read. */
  public static ApiFailure modified(ResourceType type, String name) {
    return conflict(
        type,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  /** A 409 of server-side apply. */
  public static ApiFailure applyConflict(String message, List<Cause> causes) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("causes", causes.stream().map(Cause::json).toList());
    return new ApiFailure(409, "Conflict", message, details, null);
  }

  public static ApiFailure forbidden(ResourceType type, String name, String why) {
    return forbidden(type.group(), type.plural(), name, why);
  }

  /** 403 about a path that may be that of no known resource. */
  public static ApiFailure forbidden(String group, String plural, String name, String why) {
    return new ApiFailure(
        403,
        "Forbidden",
        (plural.isEmpty()
                ? "forbidden"
                : qualified(plural, group)
                    + (name.isEmpty() ? "" : " " + Quoting.go(name))
                    + " is forbidden")
            + ": "
            + why,
        details(name, group, plural),
        null);
  }

  /** 422 about the kind of a type. */
  public static ApiFailure invalid(ResourceType type, String name, List<Cause> causes) {
    return invalid(type.kind(), type.storageGroup(), name, causes);
  }

  /** 422. */
  public static ApiFailure invalid(String kind, String group, String name, List<Cause> causes) {
    Set<String> texts = new LinkedHashSet<>();
    List<Map<String, Object>> list = new ArrayList<>();
    for (Cause cause : causes) {
      texts.add(cause.text());
      list.add(cause.json());
    }
    String joined =
        texts.size() == 1 ? texts.iterator().next() : "[" + String.join(", ", texts) + "]";
    Map<String, Object> details = details(name, group, kind);
    details.put("causes", list);
    return new ApiFailure(
        422,
        "Invalid",
        qualified(kind, group) + " " + Quoting.go(name) + " is invalid: " + joined,
        details,
        null);
  }

  public static ApiFailure badRequest(String message) {
    return of(400, "BadRequest", message);
  }

  /** 500 without reason, as plain Go errors become. */
  public static ApiFailure plain(String message) {
    return of(500, "", message);
  }

  /** 500 with reason. */
  public static ApiFailure internal(String why) {
    return of(500, "InternalError", "Internal error occurred: " + why)
        .withDetails(Map.of("causes", List.of(Map.of("message", why))));
  }

  public static ApiFailure unsupportedMediaType(String accepted) {
    return of(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
            + accepted);
  }

  public static ApiFailure expired(String message) {
    return of(410, "Expired", message);
  }

  /** A list or get asks for a revision that is still to come. */
  public static ApiFailure tooLargeResourceVersion(long asked, long current) {
    Map<String, Object> cause = new LinkedHashMap<>();
    cause.put("reason", "ResourceVersionTooLarge");
    cause.put("message", "Too large resource version");
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("causes", List.of(cause));
    details.put("retryAfterSeconds", 1L);
    return new ApiFailure(
        504,
        "Timeout",
        "Timeout: Too large resource version: " + asked + ", current: " + current,
        details,
        1);
  }

  /** 503 with details, as the proxy answers when nobody listens. */
  public static ApiFailure unavailable(String message) {
    return of(503, "ServiceUnavailable", message);
  }

  /** With a token by which a list that cannot go on consistently goes on all the same. */
  public ApiFailure withContinue(String token) {
    return new ApiFailure(code, reason, text(), details, retryAfterSeconds, token);
  }

  /** With details of a kind's object, as the other failures have them. */
  public ApiFailure withDetails(Map<String, Object> newDetails) {
    return new ApiFailure(code, reason, text(), newDetails, retryAfterSeconds);
  }
}
