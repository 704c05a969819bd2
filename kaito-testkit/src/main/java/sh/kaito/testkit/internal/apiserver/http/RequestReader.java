package sh.kaito.testkit.internal.apiserver.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1.1 requests from one connection. One thread. */
final class RequestReader {
  /** Limits of Go's server: 1 MiB of headers; and of kube-apiserver: 3 MiB of body. */
  private static final int HEADER_LIMIT = 1 << 20;

  static final int BODY_LIMIT = 3 * 1024 * 1024;

  /** The request cannot be read; the connection ends after the answer. */
  static final class BadRequestException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    BadRequestException(int status, String message) {
      super(message);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /** One request as it came: header names in lower case, repeated ones joined with a comma. */
  static final class Request {
    private final String method;
    private final String target;
    private final String protocol;
    private final Map<String, String> headers;
    private final byte @Nullable [] body;

    Request(
        String method,
        String target,
        String protocol,
        Map<String, String> headers,
        byte @Nullable [] body) {
      this.method = method;
      this.target = target;
      this.protocol = protocol;
      this.headers = headers;
      this.body = body;
    }

    String method() {
      return method;
    }

    String target() {
      return target;
    }

    Map<String, String> headers() {
      return headers;
    }

    /** Null when it was longer than the limit. */
    byte @Nullable [] body() {
      return body;
    }

    boolean keepAlive() {
      String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
      return protocol.equals("HTTP/1.1")
          ? !connection.contains("close")
          : connection.contains("keep-alive");
    }
  }

  /** Lets the client send a body that it holds back. */
  interface Continue {
    void send() throws IOException;
  }

  private final InputStream in;

  RequestReader(InputStream in) {
    this.in = in;
  }

  /** Null when the client has closed the connection. */
  @Nullable Request read(Continue onContinue) throws IOException {
    String line = line(HEADER_LIMIT);
    // Empty lines before a request are allowed.
    while (line != null && line.isEmpty()) {
      line = line(HEADER_LIMIT);
    }
    if (line == null) {
      return null;
    }
    String[] parts = line.split(" ", -1);
    if (parts.length != 3 || !parts[2].startsWith("HTTP/") || parts[0].isEmpty()) {
      throw new BadRequestException(400, "malformed HTTP request");
    }
    if (!parts[2].equals("HTTP/1.1") && !parts[2].equals("HTTP/1.0")) {
      throw new BadRequestException(505, "unsupported protocol version");
    }
    Map<String, String> headers = headers();
    if (headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
      onContinue.send();
    }
    return new Request(parts[0], parts[1], parts[2], headers, body(headers));
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    int left = HEADER_LIMIT;
    while (true) {
      String line = line(left);
      if (line == null) {
        throw new BadRequestException(400, "the connection ended within the headers");
      }
      if (line.isEmpty()) {
        return headers;
      }
      left -= line.length();
      int colon = line.indexOf(':');
      if (left <= 0) {
        throw new BadRequestException(431, "Request Header Fields Too Large");
      }
      if (colon <= 0 || Character.isWhitespace(line.charAt(0))) {
        throw new BadRequestException(400, "malformed header");
      }
      headers.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).trim(),
          (a, b) -> a + ", " + b);
    }
  }

  private byte @Nullable [] body(Map<String, String> headers) throws IOException {
    String encoding = headers.get("transfer-encoding");
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked") || headers.containsKey("content-length")) {
        throw new BadRequestException(400, "unsupported transfer encoding");
      }
      return chunked();
    }
    String length = headers.get("content-length");
    if (length == null) {
      return new byte[0];
    }
    long size;
    try {
      size = Long.parseLong(length.trim());
    } catch (NumberFormatException e) {
      throw new BadRequestException(400, "bad Content-Length");
    }
    if (size < 0) {
      throw new BadRequestException(400, "bad Content-Length");
    }
    if (size > BODY_LIMIT) {
      // Read to its end, so that the answer is not lost in a reset.
      in.skipNBytes(size);
      return null;
    }
    byte[] body = in.readNBytes((int) size);
    if (body.length < size) {
      throw new BadRequestException(400, "the connection ended within the body");
    }
    return body;
  }

  private byte @Nullable [] chunked() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    long total = 0;
    while (true) {
      String line = line(1024);
      if (line == null) {
        throw new BadRequestException(400, "the connection ended within the body");
      }
      int semicolon = line.indexOf(';');
      int size;
      try {
        size = Integer.parseInt((semicolon < 0 ? line : line.substring(0, semicolon)).trim(), 16);
      } catch (NumberFormatException e) {
        throw new BadRequestException(400, "malformed chunked encoding");
      }
      if (size < 0) {
        throw new BadRequestException(400, "malformed chunked encoding");
      }
      if (size == 0) {
        String trailer = line(HEADER_LIMIT);
        while (trailer != null && !trailer.isEmpty()) {
          trailer = line(HEADER_LIMIT);
        }
        return total > BODY_LIMIT ? null : body.toByteArray();
      }
      total += size;
      if (total > BODY_LIMIT) {
        in.skipNBytes(size);
      } else {
        body.write(in.readNBytes(size));
      }
      String end = line(2);
      if (end == null || !end.isEmpty()) {
        throw new BadRequestException(400, "malformed chunked encoding");
      }
    }
  }

  /** A line without its end; null at the end of the stream. */
  private @Nullable String line(int limit) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    while (true) {
      int c = in.read();
      if (c < 0) {
        if (line.size() == 0) {
          return null;
        }
        throw new BadRequestException(400, "the connection ended within a line");
      }
      if (c == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      if (line.size() > limit) {
        throw new BadRequestException(431, "Request Header Fields Too Large");
      }
      line.write(c);
    }
  }
}
