package sh.kaito.core.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.RequestInfo;

/** Hands on what an engine does to whoever wants to know: listeners, metrics. Thread-safe. */
final class Telemetry {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  private final List<EngineListener> listeners = new CopyOnWriteArrayList<>();
  private final List<Sink> sinks = new CopyOnWriteArrayList<>();

  /** Takes measurements; cheap, any thread. */
  interface Sink {
    /**
     * A request was answered.
     *
     * @param status HTTP status; 0 when there was no answer
     */
    void request(RequestInfo request, int status, Duration took);

    /** A reconcile ended. */
    void reconciled(ReconcileResult.Outcome outcome, Duration took);

    /** Something happened. */
    void event(EngineEvent event);

    /**
     * Nodes without owner were looked for.
     *
     * @param owners whose nodes were let go
     * @param paused passes that let go of nothing, because something is wrong
     */
    default void collected(long owners, long paused) {}
  }

  void add(EngineListener listener) {
    listeners.add(listener);
  }

  void add(Sink sink) {
    sinks.add(sink);
  }

  void remove(Sink sink) {
    sinks.remove(sink);
  }

  void event(EngineEvent event) {
    WorkspaceLog.tell(event);
    for (Sink sink : sinks) {
      sink.event(event);
    }
    for (EngineListener listener : listeners) {
      try {
        listener.onEvent(event);
      } catch (RuntimeException e) {
        LOG.error("{}: a listener failed at {}", event.workspace(), event, e);
      }
    }
  }

  void request(RequestInfo request, int status, Duration took) {
    for (Sink sink : sinks) {
      sink.request(request, status, took);
    }
  }

  void collected(long owners, long paused) {
    for (Sink sink : sinks) {
      sink.collected(owners, paused);
    }
  }

  void reconciled(ReconcileResult.Outcome outcome, Duration took) {
    for (Sink sink : sinks) {
      sink.reconciled(outcome, took);
    }
  }
}
