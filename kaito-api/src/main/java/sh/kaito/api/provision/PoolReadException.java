package sh.kaito.api.provision;

import org.jspecify.annotations.Nullable;

/** A read of pools that told nothing: neither that there are some, nor that there are none. */
public final class PoolReadException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ProvisionFailure failure;

  /**
   * @param cause what lies below, for the log; never with a credential in its text
   */
  public PoolReadException(ProvisionFailure failure, @Nullable Throwable cause) {
    super(failure.code() + ": " + failure.message(), cause);
    this.failure = failure;
  }

  /** The failure, classified. */
  public ProvisionFailure failure() {
    return failure;
  }
}
