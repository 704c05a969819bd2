package sh.kaito.testkit.internal.apiserver.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1.1 requests from one connection, with the limits, times and complaints of Go's server
 * as kube-apiserver configures it. One thread.
 */
final class RequestReader {
  /** All headers of a request together. */
  private static final int HEADER_LIMIT = 1 << 20;

  /** Between requests; for the headers of one; for the body of one. */
  private static final Duration IDLE = Duration.ofSeconds(90);

  private static final Duration HEADERS = Duration.ofSeconds(32);
  private static final Duration BODY = Duration.ofSeconds(60);

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** The request cannot be read; the connection ends after the answer. */
  static final class BadRequestException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String text;

    /** {@code detail} may be empty. */
    BadRequestException(int status, String detail) {
      this.status = status;
      this.text = status + " " + Reasons.of(status) + (detail.isEmpty() ? "" : ": " + detail);
    }

    /** The whole answer. */
    String text() {
      return text;
    }

    @Override
    public String getMessage() {
      return text;
    }

    int status() {
      return status;
    }
  }

  private final TimedInput timed;
  private final InputStream in;

  RequestReader(Socket socket, InputStream in) {
    this.timed = new TimedInput(socket, in);
    this.in = new BufferedInputStream(timed, 16 * 1024);
  }

  /** What follows the request, without limit in time: a watch lasts. */
  InputStream rest() {
    timed.unlimited();
    return in;
  }

  /** Lets the client send a body that it holds back. */
  interface Continue {
    void send() throws IOException;
  }

  /** Null when the client has closed the connection. */
  @Nullable HttpRequest read(Continue onContinue) throws IOException {
    timed.within(IDLE);
    in.mark(1);
    if (in.read() < 0) {
      return null;
    }
    in.reset();
    timed.within(HEADERS);
    String line = line(HEADER_LIMIT);
    // An empty line before a request is allowed.
    if (line != null && line.isEmpty()) {
      line = line(HEADER_LIMIT);
    }
    if (line == null) {
      return null;
    }
    String[] parts = line.split(" ", 3);
    if (parts.length != 3 || !TOKEN.matcher(parts[0]).matches() || !isTarget(parts[1])) {
      throw new BadRequestException(400, "");
    }
    if (!parts[2].equals("HTTP/1.1") && !parts[2].equals("HTTP/1.0")) {
      throw parts[2].matches("HTTP/\\d\\.\\d")
          ? new BadRequestException(505, "unsupported protocol version")
          : new BadRequestException(400, "");
    }
    Map<String, String> headers = headers();
    if (parts[2].equals("HTTP/1.1") && !headers.containsKey("host")) {
      throw new BadRequestException(400, "missing required Host header");
    }
    expect(headers, onContinue);
    timed.within(BODY);
    return new HttpRequest(parts[0], parts[1], parts[2], headers, body(headers));
  }

  private static void expect(Map<String, String> headers, Continue onContinue) throws IOException {
    String expected = headers.getOrDefault("expect", "");
    if (expected.equalsIgnoreCase("100-continue")) {
      onContinue.send();
    } else if (!expected.isEmpty()) {
      throw new BadRequestException(417, "");
    }
  }

  private static boolean isTarget(String target) {
    return !target.isEmpty() && target.chars().noneMatch(c -> c < ' ' || c == 0x7f);
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    int left = HEADER_LIMIT;
    while (true) {
      String line = line(left);
      if (line == null) {
        throw new BadRequestException(400, "");
      }
      if (line.isEmpty()) {
        return headers;
      }
      left -= line.length();
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new BadRequestException(400, "");
      }
      if (!TOKEN.matcher(line.substring(0, colon)).matches()) {
        throw new BadRequestException(400, "invalid header name");
      }
      String value = line.substring(colon + 1).trim();
      if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
        throw new BadRequestException(400, "invalid header value");
      }
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      // A comma may be part of a name that is impersonated; a line break never is.
      String separator = name.startsWith("impersonate-") ? "\n" : ", ";
      headers.merge(name, value, (a, b) -> a + separator + b);
    }
  }

  private HttpRequest.Body body(Map<String, String> headers) throws IOException {
    String encoding = headers.get("transfer-encoding");
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked")) {
        throw new BadRequestException(501, "");
      }
      return chunked();
    }
    String length = headers.get("content-length");
    if (length == null) {
      return HttpRequest.Body.NONE;
    }
    long size;
    try {
      size = length.startsWith("+") ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      size = -1;
    }
    if (size < 0) {
      throw new BadRequestException(400, "");
    }
    int wanted = (int) Math.min(size, HttpRequest.BODY_LIMIT + 1L);
    byte[] body = in.readNBytes(wanted);
    return body.length < wanted
        ? HttpRequest.Body.broken("unexpected EOF")
        : HttpRequest.Body.of(body);
  }

  private HttpRequest.Body chunked() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String line = line(1024);
      if (line == null) {
        return HttpRequest.Body.broken("unexpected EOF");
      }
      int semicolon = line.indexOf(';');
      String digits = (semicolon < 0 ? line : line.substring(0, semicolon)).trim();
      if (!digits.matches("[0-9a-fA-F]{1,16}")) {
        return HttpRequest.Body.broken("invalid byte in chunk length");
      }
      if (digits.length() > 7) {
        // More than 256 MiB: beyond all limits.
        return HttpRequest.Body.TOO_LARGE;
      }
      int size = Integer.parseInt(digits, 16);
      if (size == 0) {
        String trailer = line(HEADER_LIMIT);
        while (trailer != null && !trailer.isEmpty()) {
          trailer = line(HEADER_LIMIT);
        }
        return HttpRequest.Body.of(body.toByteArray());
      }
      int wanted = Math.min(size, HttpRequest.BODY_LIMIT + 1 - body.size());
      byte[] chunk = in.readNBytes(wanted);
      body.writeBytes(chunk);
      if (chunk.length < wanted) {
        return HttpRequest.Body.broken("unexpected EOF");
      }
      if (body.size() > HttpRequest.BODY_LIMIT) {
        return HttpRequest.Body.TOO_LARGE;
      }
      String end = line(2);
      if (end == null || !end.isEmpty()) {
        return HttpRequest.Body.broken("malformed chunked encoding");
      }
    }
  }

  /** A line without its end; null at the end of the stream. */
  private @Nullable String line(int limit) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    while (true) {
      int c = in.read();
      if (c < 0) {
        // Half a line is none: the client has left.
        return null;
      }
      if (c == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      if (line.size() > limit) {
        throw new BadRequestException(431, "");
      }
      line.write(c);
    }
  }
}
