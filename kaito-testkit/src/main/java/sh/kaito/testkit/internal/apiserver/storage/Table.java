package sh.kaito.testkit.internal.apiserver.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * All objects of one resource, with the history of their changes. Reads of single objects take no
 * lock; everything else is called under the lock of the {@link Store}.
 */
final class Table {
  /** Keys in etcd's order: the bytes of {@code namespace/name}. */
  final ConcurrentSkipListMap<String, StoredObject> objects = new ConcurrentSkipListMap<>();

  final CopyOnWriteArrayList<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final int historyLimit;
  private ArrayList<StoreEvent> history = new ArrayList<>();

  /** Revision of the newest change that is no longer in the history. */
  private long forgotten;

  Table(int historyLimit, long forgotten) {
    this.historyLimit = historyLimit;
    this.forgotten = forgotten;
  }

  void append(StoreEvent event) {
    history.add(event);
    // Trimmed by half at a time, so that a write pays a constant share of the copy.
    if (history.size() > 2 * historyLimit) {
      dropFirst(history.size() - historyLimit);
    }
  }

  void compact(long revision) {
    int count = firstAfter(revision);
    if (count > 0) {
      dropFirst(count);
    }
    forgotten = Math.max(forgotten, revision);
  }

  private void dropFirst(int count) {
    forgotten = Math.max(forgotten, history.get(count - 1).revision());
    history = new ArrayList<>(history.subList(count, history.size()));
  }

  boolean remembers(long revision) {
    return revision >= forgotten;
  }

  long forgotten() {
    return forgotten;
  }

  /** Up to {@code limit} changes after a revision, oldest first. */
  List<StoreEvent> after(long revision, int limit) {
    int from = firstAfter(revision);
    return List.copyOf(history.subList(from, Math.min(history.size(), from + limit)));
  }

  /** The newest change; null when the history is empty. */
  @Nullable StoreEvent newest() {
    return history.isEmpty() ? null : history.get(history.size() - 1);
  }

  private int firstAfter(long revision) {
    int low = 0;
    int high = history.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (history.get(middle).revision() <= revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
