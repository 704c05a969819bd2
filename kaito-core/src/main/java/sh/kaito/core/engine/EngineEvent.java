package sh.kaito.core.engine;

import sh.kaito.api.model.WorkspaceKey;

/**
 * Something that happened to a Workspace and that a host may want to act on. What it says is read
 * from the API server's answers and watches, so a controller that has just started tells nothing of
 * the time before: the first look at a Workspace is where its story begins.
 */
public sealed interface EngineEvent {

  /** Which Workspace. */
  WorkspaceKey workspace();

  /**
   * Nodes are asked for. From here on money is spent.
   *
   * @param instanceType such as {@code Standard_NC24ads_A100_v4}
   * @param nodes how many, 1 or more; a replacement for a lost node is told on its own
   */
  record NodesRequested(WorkspaceKey workspace, String instanceType, int nodes)
      implements EngineEvent {}

  /** All nodes are there, with their GPUs: condition {@code ResourceReady} became True. */
  record NodesReady(WorkspaceKey workspace) implements EngineEvent {}

  /** It serves, or its tuning job is done: condition {@code WorkspaceSucceeded} became True. */
  record Ready(WorkspaceKey workspace) implements EngineEvent {}

  /**
   * It served and does no more: {@code WorkspaceSucceeded} was True.
   *
   * @param reason of the first condition that says why, CamelCase
   * @param message for a person
   */
  record NotReady(WorkspaceKey workspace, String reason, String message) implements EngineEvent {}

  /**
   * Somebody must act: condition {@code Stalled} became True.
   *
   * @param reason of that condition, CamelCase
   * @param message what is wrong and what to do
   */
  record Failed(WorkspaceKey workspace, String reason, String message) implements EngineEvent {}

  /** Its deletion was asked for; its nodes are released first. */
  record Deleting(WorkspaceKey workspace) implements EngineEvent {}

  /** It is gone, and so are its nodes. */
  record Deleted(WorkspaceKey workspace) implements EngineEvent {}

  /**
   * A request of the engine failed; it is tried again.
   *
   * @param message which and why
   * @param failuresInARow 1 or more
   */
  record ReconcileFailed(WorkspaceKey workspace, String message, int failuresInARow)
      implements EngineEvent {}
}
