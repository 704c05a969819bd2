package sh.kaito.testkit.internal.schema;

/** An object that cannot be read into its type. The message is the one of Go's decoder. */
public final class DecodeException extends Exception {
  private static final long serialVersionUID = 1L;

  DecodeException(String message) {
    super(message, null, false, false);
  }

  /** For example {@code json: cannot unmarshal number into Go struct field ...}. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
