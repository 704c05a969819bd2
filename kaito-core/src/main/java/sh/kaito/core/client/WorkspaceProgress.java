package sh.kaito.core.client;

import java.time.Duration;
import sh.kaito.api.model.WorkspaceKey;

/**
 * One step on the way of a Workspace.
 *
 * @param elapsed since the waiting began
 * @param message what it waits for, in the operator's words
 */
public record WorkspaceProgress(WorkspaceKey key, Duration elapsed, Stage stage, String message) {

  /** How far it has come. */
  public enum Stage {
    /** Known to the API server; the operator has not reported yet. */
    ACCEPTED,
    /** Waiting for GPU nodes. */
    NODES,
    /** The nodes are there; the model server is starting. */
    MODEL,
    /** It serves. */
    READY,
    /** It is being deleted. */
    DELETING
  }

  /** Such as {@code 12s NODES waiting for 1 x Standard_NC6s_v3}. */
  @Override
  public String toString() {
    return String.format("%5ds  %-8s  %s", elapsed.toSeconds(), stage, message);
  }
}
