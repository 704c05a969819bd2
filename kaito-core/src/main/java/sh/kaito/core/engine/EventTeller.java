package sh.kaito.core.engine;

import java.util.List;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.engine.Observation.ObservedWorkspace;

/** Makes {@link EngineEvent}s of what rounds see and do. Called by one round of a key at a time. */
final class EventTeller {
  private final Telemetry telemetry;

  EventTeller(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** A look at a Workspace that exists. */
  void looked(KeyState state, ObservedWorkspace workspace) {
    Transitions.Seen now = Transitions.of(workspace);
    List<EngineEvent> events;
    synchronized (state) {
      events = Transitions.between(state.seen, now, workspace);
      state.seen = now;
    }
    events.forEach(telemetry::event);
  }

  /** A decision was carried out. */
  void acted(KeyState state, Observation observation, Decision decision, Applier.Report report) {
    if (!report.ensured) {
      return;
    }
    for (Step step : decision.steps()) {
      if (step instanceof Step.EnsureNodes ensure && ensure.spec().purchaseAllowed()) {
        requested(state, observation, ensure.spec());
      }
    }
  }

  private void requested(KeyState state, Observation observation, NodeSetSpec spec) {
    int fresh = 0;
    synchronized (state) {
      for (NodeSlot slot : spec.slots()) {
        boolean exists =
            observation.nodes().slots().stream()
                .anyMatch(seen -> seen.slot().equals(slot) && seen.phase() != NodePhase.PENDING);
        // A request that is repeated after an error is the same purchase.
        if (!exists && state.requested.add(slot)) {
          fresh++;
        }
      }
    }
    if (fresh > 0) {
      telemetry.event(
          new EngineEvent.NodesRequested(
              new WorkspaceKey(spec.key().namespace(), spec.key().name()),
              spec.instanceType(),
              fresh));
    }
  }

  /** A round ended in a failure. */
  void failed(WorkspaceKey key, String message, int failures) {
    telemetry.event(new EngineEvent.ReconcileFailed(key, message, failures));
  }

  /** The Workspace is gone, and nothing of it is left; told once. */
  void gone(KeyState state, WorkspaceKey key) {
    boolean existed;
    synchronized (state) {
      existed = state.existed;
      state.existed = false;
    }
    if (existed) {
      telemetry.event(new EngineEvent.Deleted(key));
    }
  }
}
