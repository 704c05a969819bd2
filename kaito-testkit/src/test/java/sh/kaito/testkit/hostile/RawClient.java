package sh.kaito.testkit.hostile;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import sh.kaito.testkit.KubeApiServer;

/** A connection on which anything can be sent, and answers be read one by one. */
final class RawClient implements AutoCloseable {
  /** One answer; {@code body} is text. */
  record Answer(int status, Map<String, String> headers, String body) {}

  private final Socket socket;
  private final InputStream in;

  RawClient(KubeApiServer server) throws IOException {
    this.socket = new Socket("127.0.0.1", server.url().getPort());
    socket.setSoTimeout(20_000);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Nothing more comes from here, but answers are still read. */
  RawClient halfClose() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int c;
    while ((c = in.read()) >= 0 && c != '\n') {
      line.write(c);
    }
    return line.toString(StandardCharsets.ISO_8859_1).replace("\r", "");
  }

  /** Reads the head of an answer alone. */
  Answer head() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new AssertionError("no status line: \"" + status + "\"");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    String header;
    while (!(header = line()).isEmpty()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).trim());
    }
    return new Answer(Integer.parseInt(status.substring(9, 12)), headers, "");
  }

  Answer answer() throws IOException {
    Answer head = head();
    int length = Integer.parseInt(head.headers().getOrDefault("content-length", "0"));
    return new Answer(
        head.status(), head.headers(), new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  /** Whether the server has ended the connection. */
  boolean isClosed() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
