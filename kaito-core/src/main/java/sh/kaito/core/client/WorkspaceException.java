package sh.kaito.core.client;

import java.util.List;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;

/** Why a request about a Workspace came to nothing. The message says what to do. */
public final class WorkspaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kinds that callers treat differently. */
  public enum Kind {
    /** There is no such Workspace, or no Service of it. */
    NOT_FOUND,
    /** The Workspace is wrong; see {@link WorkspaceException#violations()}. */
    INVALID,
    /** Somebody else changed it, or it exists with fields that another manager owns. */
    CONFLICT,
    /** The credentials do not allow it. */
    FORBIDDEN,
    /** It did not become what was waited for in time. */
    TIMEOUT,
    /** The operator reports that it cannot go on by itself. */
    STALLED,
    /** The Workspace was deleted while it was waited for. */
    DELETED,
    /** The model server gave an error answer, or one without the text that was asked for. */
    MODEL_SERVER,
    /** The caller's progress callback threw; what it threw is the cause. */
    CALLBACK,
    /**
     * The API server cannot be reached, gave an answer that makes no sense, or does not serve what
     * was asked for (no CRDs, no ready pod); or the client was closed.
     */
    UNREACHABLE
  }

  private final Kind kind;
  private final transient List<Violation> violations;

  WorkspaceException(Kind kind, String message) {
    super(message);
    this.kind = kind;
    this.violations = List.of();
  }

  /** Of kind {@link Kind#INVALID}. */
  WorkspaceException(List<Violation> violations) {
    super(Violations.report(violations));
    this.kind = Kind.INVALID;
    this.violations = List.copyOf(violations);
  }

  WorkspaceException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.violations = List.of();
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }

  /** Every violation where the client itself refused the Workspace; else empty. */
  public List<Violation> violations() {
    return violations;
  }
}
