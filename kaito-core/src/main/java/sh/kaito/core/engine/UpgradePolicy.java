package sh.kaito.core.engine;

/** What happens to running models when the library would make them otherwise than it did. */
public enum UpgradePolicy {
  /**
   * Nothing, until the user changes the Workspace or puts the label {@code
   * kaito.sh/upgrade-to-version} with the tag of the new image on it. A model that restarts takes
   * minutes to load, so that is the user's to choose. The default.
   */
  HOLD,
  /** They are brought up to date at once, as their workload's update strategy does it. */
  ROLL
}
