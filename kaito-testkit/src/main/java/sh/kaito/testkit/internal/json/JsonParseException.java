package sh.kaito.testkit.internal.json;

/**
 * Text that is no JSON. The message is what Go's decoder says, because kube-apiserver repeats it.
 */
public final class JsonParseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int offset;
  private final int line;
  private final int column;
  private final boolean unexpectedEnd;

  JsonParseException(String message, byte[] utf8, int offset, boolean unexpectedEnd) {
    super(message, null, false, false);
    this.offset = offset;
    this.unexpectedEnd = unexpectedEnd;
    int line = 1;
    int column = 1;
    for (int i = 0; i < offset && i < utf8.length; i++) {
      if (utf8[i] == '\n') {
        line++;
        column = 1;
      } else if ((utf8[i] & 0xC0) != 0x80) {
        column++;
      }
    }
    this.line = line;
    this.column = column;
  }

  /** Byte offset of the character that was refused, from 0. */
  public int offset() {
    return offset;
  }

  /** Line of the character that was refused, from 1. */
  public int line() {
    return line;
  }

  /** Column of the character that was refused, in characters, from 1. */
  public int column() {
    return column;
  }

  /** Whether the text ended too early. */
  public boolean isUnexpectedEnd() {
    return unexpectedEnd;
  }

  /** The message as Go words it, for example {@code unexpected end of JSON input}. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
