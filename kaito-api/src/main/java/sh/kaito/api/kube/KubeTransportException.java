package sh.kaito.api.kube;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request that got no answer. */
public final class KubeTransportException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What may be assumed of a request without answer. */
  public enum Effect {
    /** It never left: connection refused, closed transport. Nothing happened on the server. */
    NONE,
    /**
     * It may have taken effect: time-out, reset. A write must be read back before it is repeated.
     */
    UNKNOWN
  }

  private final Effect effect;

  public KubeTransportException(Effect effect, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.effect = effect;
  }

  /** What may be assumed of the request. */
  public Effect effect() {
    return effect;
  }
}
