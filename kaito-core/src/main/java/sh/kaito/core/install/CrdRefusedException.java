package sh.kaito.core.install;

/** A definition was not installed; the message says why and what to do. */
public final class CrdRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CrdRefusedException(String message) {
    super(message);
  }
}
