package sh.kaito.api.kube;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The answer to one {@link KubeRequest}. Immutable; the body array is shared, do not change it. */
public final class KubeResponse {
  private final int status;
  private final Map<String, List<String>> headers;
  private final byte[] body;

  private KubeResponse(int status, Map<String, List<String>> headers, byte[] body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /**
   * @param headers names in any case; looked up without regard to case
   */
  public static KubeResponse of(int status, Map<String, List<String>> headers, byte[] body) {
    Map<String, List<String>> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    return new KubeResponse(status, copy, body);
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** Whether the status is 2xx. */
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** First value of a header, name without regard to case. */
  public Optional<String> header(String name) {
    List<String> values = headers.get(name);
    return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  /** All headers. */
  public Map<String, List<String>> headers() {
    return java.util.Collections.unmodifiableMap(headers);
  }

  /** The body; empty array when there is none. Do not change it. */
  public byte[] body() {
    return body;
  }

  /** The body read as UTF-8. */
  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** Status and size only: a body may hold secrets. */
  @Override
  public String toString() {
    return "KubeResponse[" + status + ", " + body.length + " bytes]";
  }
}
