package sh.kaito.core.engine;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each thing that happens to a Workspace and that whoever reads the log of an operator
 * looks for; none for a mere reconcile. Each purchase and release of a node is told by the
 * provisioner. The MDC entry names the Workspace, and so does the line, for logs without it.
 */
final class WorkspaceLog {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  private WorkspaceLog() {}

  static void tell(EngineEvent event) {
    if (event instanceof EngineEvent.Ready) {
      LOG.info("{}: is ready", event.workspace());
    } else if (event instanceof EngineEvent.NotReady lost) {
      LOG.info(
          "{}: is not ready any more: {}: {}", event.workspace(), lost.reason(), lost.message());
    } else if (event instanceof EngineEvent.Failed failed) {
      LOG.warn(
          "{}: cannot go on by itself: {}: {}",
          event.workspace(),
          failed.reason(),
          failed.message());
    } else if (event instanceof EngineEvent.Deleted) {
      LOG.info("{}: is gone, and its nodes are released", event.workspace());
    }
  }
}
