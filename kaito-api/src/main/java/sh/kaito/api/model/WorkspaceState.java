package sh.kaito.api.model;

import java.util.Optional;

/** Values of {@code status.state} (v1beta1). */
public enum WorkspaceState {
  /** Not ready yet; inference that never was ready, or tuning that has not begun. */
  PENDING("Pending"),
  /** Inference answers. */
  READY("Ready"),
  /** Inference was ready before and is not now, or its benchmark failed. */
  NOT_READY("NotReady"),
  /** The tuning job runs. */
  RUNNING("Running"),
  /** The tuning job succeeded. */
  SUCCEEDED("Succeeded"),
  /** The tuning job failed. */
  FAILED("Failed");

  private final String wireName;

  WorkspaceState(String wireName) {
    this.wireName = wireName;
  }

  /** As it stands in {@code status.state}. */
  public String wireName() {
    return wireName;
  }

  /** The state of exactly that spelling. */
  public static Optional<WorkspaceState> of(String wireName) {
    for (WorkspaceState candidate : values()) {
      if (candidate.wireName.equals(wireName)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}
