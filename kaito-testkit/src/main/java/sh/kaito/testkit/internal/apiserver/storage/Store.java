package sh.kaito.testkit.internal.apiserver.storage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All objects of the server under one resource version that grows by one with each change, as
 * etcd's revision does.
 *
 * <p>Thread-safe. Writes are serial; they compare the revision that the caller has read with the
 * present one and do nothing when it moved. Watchers are only told that there is something to read:
 * they read the history at their own pace, so none of them delays a write, and one that falls
 * behind the history gets {@link Compacted}.
 */
public final class Store {
  /** The history that a watch asks for is gone: the answer is 410. */
  public static final class Compacted extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long requested;
    private final long oldest;

    Compacted(long requested, long oldest) {
      super("too old resource version: " + requested + " (" + oldest + ")", null, false, false);
      this.requested = requested;
      this.oldest = oldest;
    }

    public long requested() {
      return requested;
    }

    public long oldest() {
      return oldest;
    }
  }

  /** Objects as they stood at one revision, in key order. */
  public record Snapshot(long revision, List<StoredObject> objects) {}

  private final Object lock = new Object();
  private final Map<String, Table> tables = new ConcurrentHashMap<>();
  private final List<BiConsumer<String, StoreEvent>> observers = new CopyOnWriteArrayList<>();
  private final int historyLimit;
  private volatile long revision = 1;
  private volatile long compacted;

  /**
   * @param historyLimit how many changes per resource are kept at least; older ones are forgotten
   */
  public Store(int historyLimit) {
    this.historyLimit = historyLimit;
  }

  /** The newest resource version. */
  public long revision() {
    return revision;
  }

  /**
   * Called for each change, in order, while the store is locked: it must do no more than hand over.
   */
  public void observe(BiConsumer<String, StoreEvent> observer) {
    observers.add(observer);
  }

  private Table table(String resource) {
    return tables.computeIfAbsent(resource, name -> new Table(historyLimit, compacted));
  }

  /** The object as it stands now; null when there is none. */
  public @Nullable StoredObject get(String resource, String key) {
    return table(resource).objects.get(key);
  }

  /**
   * Creates an object.
   *
   * @return null when one of that key exists
   */
  public @Nullable StoredObject create(String resource, String key, Map<String, Object> json) {
    synchronized (lock) {
      Table table = table(resource);
      if (table.objects.containsKey(key)) {
        return null;
      }
      StoredObject created = stamp(key, json);
      table.objects.put(key, created);
      publish(resource, table, new StoreEvent(StoreEvent.Type.ADDED, created, null));
      return created;
    }
  }

  /**
   * Replaces an object if it is still the one that was read.
   *
   * @return null when it is not
   */
  public @Nullable StoredObject replace(
      String resource, StoredObject expected, Map<String, Object> json) {
    synchronized (lock) {
      Table table = table(resource);
      if (table.objects.get(expected.key()) != expected) {
        return null;
      }
      StoredObject replaced = stamp(expected.key(), json);
      table.objects.put(expected.key(), replaced);
      publish(resource, table, new StoreEvent(StoreEvent.Type.MODIFIED, replaced, expected));
      return replaced;
    }
  }

  /**
   * Deletes an object if it is still the one that was read.
   *
   * @param last the content that watchers see last
   * @return the deleted object with the resource version of its deletion; null when the object is
   *     no longer the one expected
   */
  public @Nullable StoredObject delete(
      String resource, StoredObject expected, Map<String, Object> last) {
    synchronized (lock) {
      Table table = table(resource);
      if (!table.objects.remove(expected.key(), expected)) {
        return null;
      }
      StoredObject deleted = stamp(expected.key(), last);
      publish(resource, table, new StoreEvent(StoreEvent.Type.DELETED, deleted, expected));
      return deleted;
    }
  }

  private StoredObject stamp(String key, Map<String, Object> json) {
    // Only one thread at a time writes: the lock is held. Readers need the newest value.
    long next = revision + 1;
    revision = next;
    return new StoredObject(key, next, withResourceVersion(json, Long.toString(next)));
  }

  /** The same object with another resource version; only root and metadata are copied. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> withResourceVersion(Map<String, Object> json, String version) {
    Map<String, Object> root = new LinkedHashMap<>(json);
    Map<String, Object> metadata =
        root.get("metadata") instanceof Map<?, ?> map
            ? new LinkedHashMap<>((Map<String, Object>) map)
            : new LinkedHashMap<>();
    metadata.put("resourceVersion", version);
    root.put("metadata", metadata);
    return root;
  }

  private void publish(String resource, Table table, StoreEvent event) {
    table.append(event);
    for (BiConsumer<String, StoreEvent> observer : observers) {
      observer.accept(resource, event);
    }
    for (Runnable watcher : table.watchers) {
      watcher.run();
    }
  }

  /**
   * Objects whose key starts with a prefix.
   *
   * @param prefix {@code namespace/}, or empty for all
   */
  public Snapshot list(String resource, String prefix) {
    synchronized (lock) {
      return new Snapshot(revision, List.copyOf(range(table(resource), prefix).values()));
    }
  }

  /**
   * Objects as they stood at a past revision.
   *
   * @throws Compacted when the history does not reach back so far
   */
  public Snapshot listAt(String resource, String prefix, long at) {
    synchronized (lock) {
      Table table = table(resource);
      if (at >= revision) {
        return list(resource, prefix);
      }
      if (!table.remembers(at)) {
        throw new Compacted(at, table.forgotten());
      }
      TreeMap<String, StoredObject> past = new TreeMap<>(range(table, prefix));
      List<StoreEvent> since = table.after(at, Integer.MAX_VALUE / 2);
      for (int i = since.size() - 1; i >= 0; i--) {
        StoreEvent event = since.get(i);
        String key = event.object().key();
        if (key.startsWith(prefix)) {
          if (event.previous() == null) {
            past.remove(key);
          } else {
            past.put(key, event.previous());
          }
        }
      }
      return new Snapshot(at, List.copyOf(past.values()));
    }
  }

  private static SortedMap<String, StoredObject> range(Table table, String prefix) {
    return prefix.isEmpty()
        ? table.objects
        : table.objects.subMap(prefix, prefix.substring(0, prefix.length() - 1) + '0');
  }

  /** How many objects a resource has. */
  public int count(String resource) {
    return table(resource).objects.size();
  }

  /** Resources that have had objects. */
  public List<String> resources() {
    List<String> names = new ArrayList<>(tables.keySet());
    names.sort(null);
    return names;
  }

  /**
   * Changes of a resource after a revision, oldest first.
   *
   * @throws Compacted when some of them are forgotten
   */
  public List<StoreEvent> after(String resource, long after, int limit) {
    synchronized (lock) {
      Table table = table(resource);
      if (!table.remembers(after)) {
        throw new Compacted(after, table.forgotten());
      }
      return table.after(after, limit);
    }
  }

  /**
   * Changes after a revision together with the revision up to which there are none besides, so that
   * a bookmark may name it.
   */
  public Batch batch(String resource, long after, int limit) {
    synchronized (lock) {
      List<StoreEvent> events = after(resource, after, limit);
      return new Batch(
          events, events.size() < limit ? revision : events.get(events.size() - 1).revision());
    }
  }

  /** Some changes, and the revision up to which they are complete. */
  public record Batch(List<StoreEvent> events, long upTo) {}

  /**
   * Tells of each change of a resource. The call comes from the writing thread, with the store
   * locked.
   *
   * @return undoes it
   */
  public Runnable watch(String resource, Runnable onChange) {
    Table table = table(resource);
    table.watchers.add(onChange);
    return () -> table.watchers.remove(onChange);
  }

  /** Forgets all history up to now, as a compaction of etcd does. */
  public void compact() {
    synchronized (lock) {
      compacted = revision;
      tables.values().forEach(table -> table.compact(compacted));
    }
  }
}
