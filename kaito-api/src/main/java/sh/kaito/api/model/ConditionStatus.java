package sh.kaito.api.model;

/** {@code status} of a condition. */
public enum ConditionStatus {
  /** {@code True}. */
  TRUE("True"),
  /** {@code False}. */
  FALSE("False"),
  /** {@code Unknown}. */
  UNKNOWN("Unknown");

  private final String wireName;

  ConditionStatus(String wireName) {
    this.wireName = wireName;
  }

  /** As it stands on the wire. */
  public String wireName() {
    return wireName;
  }

  /** The status of that spelling; {@link #UNKNOWN} for any other text. */
  public static ConditionStatus of(String wireName) {
    if (TRUE.wireName.equals(wireName)) {
      return TRUE;
    }
    return FALSE.wireName.equals(wireName) ? FALSE : UNKNOWN;
  }
}
