package sh.kaito.api.kube;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One request to a Kubernetes API server: method, path, query, headers, body. Immutable. The path
 * is relative to the server's root ({@code /api/v1/nodes}) and holds percent-encoded segments;
 * query values are held decoded.
 */
public final class KubeRequest {
  private static final byte[] NO_BODY = new byte[0];

  private final String method;
  private final String path;
  private final Map<String, List<String>> query;
  private final Map<String, String> headers;
  private final byte[] body;

  private KubeRequest(Builder builder) {
    this.method = builder.method;
    this.path = builder.path;
    Map<String, List<String>> copy = new LinkedHashMap<>();
    builder.query.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    this.query = Collections.unmodifiableMap(copy);
    Map<String, String> headerCopy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headerCopy.putAll(builder.headers);
    this.headers = Collections.unmodifiableMap(headerCopy);
    this.body = builder.body;
  }

  /** A GET of a path that may carry a query: {@code /api/v1/nodes?limit=1}. */
  public static Builder get(String pathAndQuery) {
    return new Builder("GET", pathAndQuery);
  }

  /** A POST of JSON. */
  public static Builder post(String pathAndQuery, byte[] json) {
    return new Builder("POST", pathAndQuery).body("application/json", json);
  }

  /** A PUT of JSON. */
  public static Builder put(String pathAndQuery, byte[] json) {
    return new Builder("PUT", pathAndQuery).body("application/json", json);
  }

  /** A PATCH; the content type tells its kind, see {@link PatchType}. */
  public static Builder patch(String pathAndQuery, PatchType type, byte[] patch) {
    return new Builder("PATCH", pathAndQuery).body(type.contentType(), patch);
  }

  /** A DELETE without body. */
  public static Builder delete(String pathAndQuery) {
    return new Builder("DELETE", pathAndQuery);
  }

  /** Any method. */
  public static Builder of(String method, String pathAndQuery) {
    return new Builder(method, pathAndQuery);
  }

  /** The same request, to change. */
  public Builder toBuilder() {
    Builder builder = new Builder(method, path);
    query.forEach((name, values) -> values.forEach(value -> builder.query(name, value)));
    builder.headers.putAll(headers);
    builder.body = body;
    return builder;
  }

  /** Upper-case HTTP method. */
  public String method() {
    return method;
  }

  /** Path with percent-encoded segments, without query. */
  public String path() {
    return path;
  }

  /** Query parameters, decoded, in the order they were given. */
  public Map<String, List<String>> query() {
    return query;
  }

  /** First value of a query parameter, decoded. */
  public Optional<String> query(String name) {
    List<String> values = query.get(name);
    return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  /** Path and encoded query, as they stand in the request line. */
  public String pathAndQuery() {
    if (query.isEmpty()) {
      return path;
    }
    StringBuilder text = new StringBuilder(path);
    char separator = '?';
    for (Map.Entry<String, List<String>> entry : query.entrySet()) {
      for (String value : entry.getValue()) {
        text.append(separator)
            .append(URLEncoder.encode(entry.getKey(), StandardCharsets.UTF_8))
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
        separator = '&';
      }
    }
    return text.toString();
  }

  /** Headers; looked up without regard to case. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Value of a header, name without regard to case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** The body; empty array when there is none. Do not change it. */
  public byte[] body() {
    return body;
  }

  /** What the request is about: verb, group, resource, name. */
  public RequestInfo info() {
    return RequestInfo.of(this);
  }

  /** Method and path only: headers and body may hold secrets. */
  @Override
  public String toString() {
    return method + " " + pathAndQuery();
  }

  /** Builds a {@link KubeRequest}. Not thread-safe. */
  public static final class Builder {
    private final String method;
    private final String path;
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private byte[] body = NO_BODY;

    private Builder(String method, String pathAndQuery) {
      this.method = method.toUpperCase(Locale.ROOT);
      int mark = pathAndQuery.indexOf('?');
      this.path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
      if (mark >= 0 && mark + 1 < pathAndQuery.length()) {
        for (String pair : pathAndQuery.substring(mark + 1).split("&", -1)) {
          if (!pair.isEmpty()) {
            int equals = pair.indexOf('=');
            query(
                decode(equals < 0 ? pair : pair.substring(0, equals)),
                equals < 0 ? "" : decode(pair.substring(equals + 1)));
          }
        }
      }
    }

    private static String decode(String text) {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Adds a query parameter; the value is given decoded. */
    public Builder query(String name, String value) {
      query.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
      return this;
    }

    /** Sets a query parameter, replacing earlier values. */
    public Builder setQuery(String name, String value) {
      query.put(name, new ArrayList<>(List.of(value)));
      return this;
    }

    /** Sets a header. */
    public Builder header(String name, String value) {
      headers.keySet().removeIf(existing -> existing.equalsIgnoreCase(name));
      headers.put(name, value);
      return this;
    }

    /** Sets body and content type. */
    public Builder body(String contentType, byte[] content) {
      this.body = content;
      return header("Content-Type", contentType);
    }

    public KubeRequest build() {
      return new KubeRequest(this);
    }
  }
}
