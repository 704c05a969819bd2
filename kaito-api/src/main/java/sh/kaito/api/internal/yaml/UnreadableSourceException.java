package sh.kaito.api.internal.yaml;

import sh.kaito.api.validation.Violation;

/** Reading cannot go on: the text is no YAML, or exceeds a limit. Carries what to tell the user. */
final class UnreadableSourceException extends Exception {
  private final transient Violation violation;

  UnreadableSourceException(Violation violation) {
    super(violation.message());
    this.violation = violation;
  }

  Violation violation() {
    return violation;
  }
}
