package sh.kaito.api.model;

import java.util.Optional;

/**
 * Types of conditions on a Workspace. "0.3.1" and "0.12" name the releases of the Go operator that
 * write a type. Other types may stand in a status; they are read as text.
 */
public enum ConditionType {
  /** Machines are ready; with legacy Machines only (0.3.1). */
  MACHINE_READY("MachineReady"),
  /** Enough node claims are ready; absent with bring-your-own nodes (0.3.1 gated, 0.12). */
  NODE_CLAIM_READY("NodeClaimReady"),
  /** Enough nodes are ready and show their GPUs (0.12). */
  NODES_READY("NodesReady"),
  /** All that the workload needs below it is ready (0.3.1, 0.12). */
  RESOURCE_READY("ResourceReady"),
  /** The model answers (0.3.1, 0.12). */
  INFERENCE_READY("InferenceReady"),
  /** The tuning job has begun to train (0.3.1, 0.12). */
  JOB_STARTED("JobStarted"),
  /** The sum: inference is ready, or tuning succeeded (0.3.1, 0.12). */
  WORKSPACE_SUCCEEDED("WorkspaceSucceeded"),
  /** Deletion is under way (0.3.1, 0.12). */
  WORKSPACE_DELETING("WorkspaceDeleting"),
  /** The weights to stream are in place (0.12, gated). */
  MODEL_MIRROR_READY("ModelMirrorReady"),
  /** The benchmark after loading has run (0.12). */
  BENCHMARK_COMPLETED("BenchmarkCompleted"),
  /** kstatus: {@code True} while the controller works towards the wanted state (this library). */
  RECONCILING("Reconciling"),
  /**
   * kstatus: {@code True} when waiting alone will not help; the message says what will (this
   * library).
   */
  STALLED("Stalled");

  private final String wireName;

  ConditionType(String wireName) {
    this.wireName = wireName;
  }

  /** As it stands in {@code type}. */
  public String wireName() {
    return wireName;
  }

  /** The type of exactly that spelling. */
  public static Optional<ConditionType> of(String wireName) {
    for (ConditionType candidate : values()) {
      if (candidate.wireName.equals(wireName)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** {@link #wireName()}. */
  @Override
  public String toString() {
    return wireName;
  }
}
