package sh.kaito.testkit.internal.json;

/**
 * Text that is no YAML. The message is worded like go-yaml's, because kube-apiserver repeats it.
 */
public final class YamlParseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  YamlParseException(String message, int line, int column) {
    super(message, null, false, false);
    this.line = line;
    this.column = column;
  }

  /** Line of the problem, from 1; 0 when unknown. */
  public int line() {
    return line;
  }

  /** Column of the problem, from 1; 0 when unknown. */
  public int column() {
    return column;
  }

  /** For example {@code yaml: line 3: mapping values are not allowed in this context}. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
