package sh.kaito.testkit.internal.schema;

import java.util.List;

/**
 * A request that the server refuses, in the words of kube-apiserver. Carries no stack trace: it is
 * a value on its way to a client.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String reason;
  private final transient List<FieldError> causes;

  private Refusal(int status, String reason, String message, List<FieldError> causes) {
    super(message, null, false, false);
    this.status = status;
    this.reason = reason;
    this.causes = List.copyOf(causes);
  }

  /** 400 with reason {@code BadRequest}. */
  public static Refusal badRequest(String message) {
    return new Refusal(400, "BadRequest", message, List.of());
  }

  /** 409 with reason {@code Conflict}: another manager owns fields of the applied object. */
  public static Refusal applyConflict(String message, List<FieldError> causes) {
    return new Refusal(409, "Conflict", message, causes);
  }

  /**
   * 422 with reason {@code Invalid} about kind, group and name "": how an unusable patch is
   * answered. The message of the Status is {@code " \"\" is invalid: "} and the causes.
   */
  public static Refusal invalidPatch(FieldError cause) {
    return new Refusal(
        422,
        "Invalid",
        " \"\" is invalid: " + cause.field() + ": " + cause.message(),
        List.of(cause));
  }

  /** 422 that does not say why: how a JSON patch that does not apply is answered. */
  public static Refusal unprocessable() {
    return new Refusal(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
        List.of());
  }

  /** 413 with reason {@code RequestEntityTooLarge}. */
  public static Refusal tooLarge(String detail) {
    return new Refusal(
        413, "RequestEntityTooLarge", "Request entity too large: " + detail, List.of());
  }

  /** 500 without reason, as plain Go errors become. */
  public static Refusal plain(String message) {
    return new Refusal(500, "", message, List.of());
  }

  /** The HTTP status, also {@code code} of the Status object. */
  public int status() {
    return status;
  }

  /** {@code reason} of the Status object; empty when it has none. */
  public String reason() {
    return reason;
  }

  /** {@code details.causes} of the Status object; empty when it has none. */
  public List<FieldError> causes() {
    return causes;
  }

  /** {@code message} of the Status object. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
