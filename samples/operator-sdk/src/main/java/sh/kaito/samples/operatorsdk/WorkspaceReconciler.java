package sh.kaito.samples.operatorsdk;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.engine.ReconcileResult;
import sh.kaito.core.engine.WorkspaceEngine;

/**
 * Workspaces in an operator of Java Operator SDK: the SDK has the queue, the retries and the leader
 * election, the engine has the decisions. The engine watches nodes, pods and what else a Workspace
 * depends on, and wakes a key through an event source; nothing is polled.
 */
// All events: the engine keeps its own finalizer, so deletions are its business, too.
@ControllerConfiguration(
    triggerReconcilerOnAllEvents = true,
    generationAwareEventProcessing = false)
public final class WorkspaceReconciler implements Reconciler<WorkspaceResource>, AutoCloseable {
  /** A reconcile waits for nothing but its own requests. */
  private static final long LIMIT_SECONDS = 120;

  private final SimpleInboundEventSource<WorkspaceResource> wakes =
      new SimpleInboundEventSource<>("kaito-engine");
  private final WorkspaceEngine.Builder settings;
  private volatile @org.jspecify.annotations.Nullable WorkspaceEngine engine;

  /** A reconciler over a transport, with whoever gets the nodes. */
  public WorkspaceReconciler(KubeTransport transport, NodeProvisioner provisioner) {
    this.settings =
        WorkspaceEngine.builder(transport)
            .provisioner(provisioner)
            .onWake(key -> wakes.propagateEvent(new ResourceID(key.name(), key.namespace())));
  }

  @Override
  public List<EventSource<?, WorkspaceResource>> prepareEventSources(
      EventSourceContext<WorkspaceResource> context) {
    return List.of(wakes);
  }

  @Override
  public UpdateControl<WorkspaceResource> reconcile(
      WorkspaceResource resource, Context<WorkspaceResource> context)
      throws ExecutionException, InterruptedException, TimeoutException {
    ReconcileResult result =
        engine()
            .reconcile(
                new WorkspaceKey(
                    resource.getMetadata().getNamespace(), resource.getMetadata().getName()))
            .toCompletableFuture()
            .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    UpdateControl<WorkspaceResource> control = UpdateControl.noUpdate();
    result.nextLook().ifPresent(control::rescheduleAfter);
    return control;
  }

  /** Made at the first event, when the event source can take wakes. */
  private synchronized WorkspaceEngine engine() {
    WorkspaceEngine now = engine;
    if (now == null) {
      now = settings.start();
      engine = now;
    }
    return now;
  }

  /** Stops the engine; to be called when the operator has stopped. */
  @Override
  public synchronized void close() {
    WorkspaceEngine now = engine;
    if (now != null) {
      now.close();
    }
  }
}
