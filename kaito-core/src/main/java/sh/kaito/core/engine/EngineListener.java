package sh.kaito.core.engine;

/**
 * Hears what happens to Workspaces: for notifications, billing, audit.
 *
 * <pre>{@code
 * KaitoController.builder(transport)
 *     .provisioner(ClaimProvisioner::gpuProvisioner)
 *     .listener(event -> {
 *       if (event instanceof EngineEvent.NodesRequested bought) {
 *         audit.record(bought.workspace(), bought.instanceType(), bought.nodes());
 *       }
 *     })
 * }</pre>
 *
 * <p>Called on the engine's threads: it must not block. Events of one Workspace come one after the
 * other and in order. What it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface EngineListener {

  /** Something happened. */
  void onEvent(EngineEvent event);
}
