package sh.kaito.core.kube;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.RequestInfo;

/**
 * One request and what became of it, as a {@link RecordingTransport} saw it. Immutable. It holds no
 * headers, and bodies without secrets.
 */
public final class RecordedExchange {
  private final KubeRequest request;
  private final String requestBody;
  private final int status;
  private final String responseBody;
  private final int events;
  private final @Nullable String failure;

  private RecordedExchange(
      KubeRequest request,
      String requestBody,
      int status,
      String responseBody,
      int events,
      @Nullable String failure) {
    this.request = request;
    this.requestBody = requestBody;
    this.status = status;
    this.responseBody = responseBody;
    this.events = events;
    this.failure = failure;
  }

  /** The request as it left; its headers and body are not kept. */
  static RecordedExchange sent(KubeRequest request, String requestBody) {
    return new RecordedExchange(
        KubeRequest.of(request.method(), request.pathAndQuery()).build(),
        requestBody,
        0,
        "",
        0,
        null);
  }

  RecordedExchange answered(int newStatus, String newBody) {
    return new RecordedExchange(request, requestBody, newStatus, newBody, events, failure);
  }

  RecordedExchange failed(String newFailure) {
    return new RecordedExchange(request, requestBody, status, responseBody, events, newFailure);
  }

  RecordedExchange withEvent() {
    return new RecordedExchange(request, requestBody, status, responseBody, events + 1, failure);
  }

  /** HTTP method, upper-case. */
  public String method() {
    return request.method();
  }

  /** Path and encoded query, as they stand in the request line. */
  public String pathAndQuery() {
    return request.pathAndQuery();
  }

  /** Verb, group, resource, name. */
  public RequestInfo info() {
    return request.info();
  }

  /** JSON text of the request's body, redacted; empty where there is none. */
  public String requestBody() {
    return requestBody;
  }

  /** HTTP status; empty while there is no answer, and for watches that were not refused. */
  public OptionalInt status() {
    return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
  }

  /** Text of the answer's body, redacted; empty where there is none, and for watch events. */
  public String responseBody() {
    return responseBody;
  }

  /** How many events a watch has received. */
  public int events() {
    return events;
  }

  /** Why there was no answer, or what broke a watch. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** One line: method, path and outcome. */
  @Override
  public String toString() {
    String outcome =
        failure != null
            ? failure
            : info().verb().equals("watch") && status == 0
                ? events + " events"
                : status == 0 ? "no answer yet" : Integer.toString(status);
    return method() + " " + pathAndQuery() + " -> " + outcome;
  }
}
