package sh.kaito.api.provision;

/** How far a set of nodes has come. */
public enum NodePhase {
  /** Nothing was requested yet, or nothing is known. */
  PENDING,
  /** Requested; the cloud is making machines. */
  CREATING,
  /** Machines exist; their Nodes have not all joined the cluster. */
  JOINING,
  /** Nodes have joined; not all are Ready with their GPUs allocatable. */
  INITIALIZING,
  /** All wanted nodes are Ready and their GPUs allocatable. */
  READY,
  /** Cannot go on by itself; the failure says why. */
  BLOCKED,
  /** Being let go. */
  RELEASING,
  /** Proved: nothing of this set exists. */
  GONE
}
