package sh.kaito.api.internal.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/**
 * The text of an input, decoded.
 *
 * @param name the file name, or a name for a string or stream
 * @param text its characters, without byte order mark
 */
record SourceText(String name, String text) {

  /** Reads at most one byte more than is allowed. */
  static SourceText of(String name, InputStream in) throws IOException, UnreadableSourceException {
    byte[] bytes = in.readNBytes(SourceLimits.MAX_BYTES + 1);
    if (bytes.length > SourceLimits.MAX_BYTES) {
      throw tooLarge(name);
    }
    return new SourceText(name, decode(name, bytes));
  }

  static SourceText of(String name, String text) throws UnreadableSourceException {
    // A character takes at least one byte in UTF-8; the exact count is not worth a copy.
    if (text.length() > SourceLimits.MAX_BYTES) {
      throw tooLarge(name);
    }
    return new SourceText(name, text.startsWith("\ufeff") ? text.substring(1) : text);
  }

  private static UnreadableSourceException tooLarge(String name) {
    return new UnreadableSourceException(
        Violation.error(
                "",
                "larger than "
                    + SourceLimits.MAX_BYTES
                    + " bytes (1.5 MiB), the most that a cluster stores in one object")
            .action("split the file")
            .location(new SourceLocation(name, 1, 1))
            .build());
  }

  private static String decode(String name, byte[] bytes) throws UnreadableSourceException {
    int start = hasByteOrderMark(bytes) ? 3 : 0;
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer out = CharBuffer.allocate(bytes.length - start);
    CoderResult result =
        decoder.decode(ByteBuffer.wrap(bytes, start, bytes.length - start), out, true);
    out.flip();
    String text = out.toString();
    if (result.isError()) {
      throw new UnreadableSourceException(
          Violation.error("", "not UTF-8 text")
              .action("save the file in the encoding UTF-8")
              .location(locate(name, text, text.codePointCount(0, text.length())))
              .build());
    }
    return text;
  }

  private static boolean hasByteOrderMark(byte[] bytes) {
    return bytes.length >= 3
        && bytes[0] == (byte) 0xef
        && bytes[1] == (byte) 0xbb
        && bytes[2] == (byte) 0xbf;
  }

  /** Line and column of the code point at an index. */
  static SourceLocation locate(String name, String text, int codePointIndex) {
    int line = 1;
    int column = 1;
    int seen = 0;
    for (int i = 0; i < text.length() && seen < codePointIndex; seen++) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      if (codePoint == '\n') {
        line++;
        column = 1;
      } else {
        column++;
      }
    }
    return new SourceLocation(name, line, column);
  }
}
