package sh.kaito.core.plan;

/**
 * What a change of a workspace does to its nodes and pods; later constants are more than earlier
 * ones, so that the largest effect of several changes is their maximum.
 */
public enum ChangeEffect {
  /** Nothing that runs is touched. */
  NONE("none", "nothing that runs is touched"),
  /** Takes effect while the pods go on running. */
  LIVE("live", "takes effect while the pods go on running"),
  /** The pods, or the tuning Job, are replaced on the nodes that are there. */
  ROLLING_RESTART("rolling restart", "the pods are replaced on the nodes that are there"),
  /** More nodes are bought, or asked for, and the pods are replaced. */
  NEW_NODES("new nodes", "nodes are added and the pods are replaced"),
  /** Not possible for an existing workspace. */
  REFUSED("refused", "not possible for an existing Workspace");

  private final String text;
  private final String meaning;

  ChangeEffect(String text, String meaning) {
    this.text = text;
    this.meaning = meaning;
  }

  /** For people, and in JSON: {@code rolling restart}. */
  public String text() {
    return text;
  }

  /** One clause without a full stop. */
  public String meaning() {
    return meaning;
  }

  ChangeEffect or(ChangeEffect other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
