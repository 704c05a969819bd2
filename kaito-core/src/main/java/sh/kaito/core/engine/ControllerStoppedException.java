package sh.kaito.core.engine;

/**
 * A controller stopped by itself: it may not work beside another operator, or it has lost its lease
 * and cannot begin again. The message says what to do.
 */
public final class ControllerStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ControllerStoppedException(String message) {
    super(message);
  }
}
