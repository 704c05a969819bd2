package sh.kaito.testkit.internal.apiserver.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;

/** One request as it came: header names in lower case, repeated ones joined. */
record HttpRequest(
    String method, String target, String protocol, Map<String, String> headers, Body body) {
  /** kube-apiserver reads bodies of up to 3 MiB. */
  static final int BODY_LIMIT = 3 * 1024 * 1024;

  private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

  /**
   * A body, or why there is none.
   *
   * @param problem what Go's reader says of it; empty when it is whole
   */
  @SuppressWarnings("ArrayRecordComponent") // a body is never compared
  record Body(byte[] bytes, String problem) {
    static final Body NONE = new Body(new byte[0], "");
    static final Body TOO_LARGE = new Body(new byte[0], "too large");

    static Body of(byte[] bytes) {
      return bytes.length > BODY_LIMIT ? TOO_LARGE : new Body(bytes, "");
    }

    static Body broken(String problem) {
      return new Body(new byte[0], problem);
    }

    /** The answer to a request whose body cannot be had; null when it can. */
    @Nullable ApiFailure failure() {
      if (problem.isEmpty()) {
        return null;
      }
      return problem.equals(TOO_LARGE.problem())
          ? ApiFailure.of(
              413, "RequestEntityTooLarge", "Request entity too large: limit is " + BODY_LIMIT)
          : ApiFailure.plain(problem);
    }
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  boolean keepAlive() {
    String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
    return body.problem().isEmpty()
        && (protocol.equals("HTTP/1.1")
            ? !connection.contains("close")
            : connection.contains("keep-alive"));
  }

  /** Null when the target is no path. */
  @Nullable KubeRequest toKubeRequest() {
    String path = target;
    if (path.startsWith("http://") || path.startsWith("https://")) {
      int slash = path.indexOf('/', path.indexOf("//") + 2);
      path = slash < 0 ? "/" : path.substring(slash);
    }
    int mark = path.indexOf('?');
    String query = mark < 0 ? "" : path.substring(mark + 1);
    path = mark < 0 ? path : path.substring(0, mark);
    if (!path.startsWith("/") || BAD_ESCAPE.matcher(path).find()) {
      return null;
    }
    KubeRequest.Builder builder =
        KubeRequest.of(method, utf8(path) + (query.isEmpty() ? "" : "?" + wellFormed(query)));
    if (body.bytes().length > 0) {
      builder.body(headers.getOrDefault("content-type", ""), body.bytes());
    }
    headers.forEach(builder::header);
    return builder.build();
  }

  /** Lines are read byte by byte; a path that is not escaped is UTF-8. */
  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Go leaves out parameters that it cannot read. */
  private static String wellFormed(String query) {
    List<String> pairs = Arrays.asList(utf8(query).split("&", -1));
    return pairs.stream()
        .filter(pair -> pair.indexOf(';') < 0 && !BAD_ESCAPE.matcher(pair).find())
        .collect(Collectors.joining("&"));
  }
}
