package sh.kaito.core.plan;

/** What a workspace does. */
public enum WorkloadKind {
  /** Serves a preset. */
  INFERENCE,
  /** Runs the user's own pod template. */
  TEMPLATE,
  /** Fine-tunes a preset. */
  TUNING
}
