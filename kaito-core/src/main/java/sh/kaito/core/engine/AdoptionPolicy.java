package sh.kaito.core.engine;

/** Which Workspaces of the Go operator are taken over. */
public enum AdoptionPolicy {
  /**
   * Those that carry the label {@code java.kaito.sh/operator: java}; the default. All others are
   * left alone, and their status says so.
   */
  ON_REQUEST,
  /** All, except those that carry the label {@code java.kaito.sh/operator: go}. */
  ALL
}
