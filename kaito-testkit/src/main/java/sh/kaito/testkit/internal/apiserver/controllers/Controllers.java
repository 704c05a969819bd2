package sh.kaito.testkit.internal.apiserver.controllers;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;

/**
 * Gives each change of the store to the controllers, one after another, outside the store's lock.
 * Thread-safe.
 */
public final class Controllers {
  private static final Logger LOG = LoggerFactory.getLogger(Controllers.class);

  /** Reacts to changes; called by one thread at a time. */
  interface Controller {
    void onChange(String storage, StoreEvent event);
  }

  private record Change(String storage, StoreEvent event) {}

  private final Executor executor;
  private final List<Controller> controllers;
  private final Deque<Change> queue = new ArrayDeque<>();
  private boolean scheduled;
  private boolean closed;

  public Controllers(
      Store store,
      Executor executor,
      DefinitionController definitions,
      NamespaceController namespaces,
      GarbageCollector collector,
      RoleAggregation aggregation) {
    this.executor = executor;
    this.controllers = List.of(definitions, namespaces, collector, aggregation);
    store.observe(this::offer);
  }

  private void offer(String storage, StoreEvent event) {
    synchronized (queue) {
      if (closed) {
        return;
      }
      queue.add(new Change(storage, event));
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    executor.execute(this::drain);
  }

  private void drain() {
    while (true) {
      Change change;
      synchronized (queue) {
        change = queue.poll();
        if (change == null) {
          scheduled = false;
          return;
        }
      }
      for (Controller controller : controllers) {
        try {
          controller.onChange(change.storage(), change.event());
        } catch (RuntimeException e) {
          // One object's trouble must not end the collection of all others.
          LOG.error(
              "{} failed on {} {}",
              controller.getClass().getSimpleName(),
              change.storage(),
              change.event().object().key(),
              e);
        }
      }
    }
  }

  /** Forgets what is still to be done. */
  public void close() {
    synchronized (queue) {
      closed = true;
      queue.clear();
    }
  }
}
