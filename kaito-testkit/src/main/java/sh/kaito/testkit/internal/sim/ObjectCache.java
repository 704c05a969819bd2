package sh.kaito.testkit.internal.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind as last seen, from the watch or from the answer to an own write,
 * whichever is newer. Confined to one serial queue.
 */
public final class ObjectCache {

  /** Told of each change; both are null never. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Tells of one change.
     *
     * @param before null when the object is new
     * @param after null when the object is gone
     */
    void changed(@Nullable JsonNode before, @Nullable JsonNode after);
  }

  /** How many deleted objects are remembered, so that a late answer does not bring one back. */
  private static final int TOMBSTONES = 8192;

  private final Map<String, JsonNode> objects = new LinkedHashMap<>();
  private final Map<String, Index> indices = new LinkedHashMap<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Map<String, Boolean> tombstones =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > TOMBSTONES;
        }
      };

  /** Adds an index; before the first object. */
  public ObjectCache index(String name, Function<JsonNode, List<String>> values) {
    indices.put(name, new Index(values));
    return this;
  }

  public ObjectCache listen(Listener listener) {
    listeners.add(listener);
    return this;
  }

  public @Nullable JsonNode get(String key) {
    return objects.get(key);
  }

  public Collection<JsonNode> all() {
    return objects.values();
  }

  public int size() {
    return objects.size();
  }

  /** The objects with a value of an index, in the order in which they were first seen. */
  public List<JsonNode> find(String index, String value) {
    Set<String> keys = index(index).keys.get(value);
    if (keys == null) {
      return List.of();
    }
    List<JsonNode> result = new ArrayList<>(keys.size());
    for (String key : keys) {
      JsonNode object = objects.get(key);
      if (object != null) {
        result.add(object);
      }
    }
    return result;
  }

  /** How many objects have a value of an index. */
  public int count(String index, String value) {
    Set<String> keys = index(index).keys.get(value);
    return keys == null ? 0 : keys.size();
  }

  private Index index(String name) {
    Index index = indices.get(name);
    if (index == null) {
      throw new IllegalArgumentException("no index " + name);
    }
    return index;
  }

  /** Takes an object unless a newer state of it is known, or its end. */
  public void offer(JsonNode object) {
    String key = Objects.key(object);
    if (tombstones.containsKey(Objects.uid(object))) {
      return;
    }
    JsonNode before = objects.get(key);
    if (before != null
        && !Objects.isNewer(Objects.resourceVersion(object), Objects.resourceVersion(before))) {
      return;
    }
    objects.put(key, object);
    for (Index index : indices.values()) {
      index.move(key, before, object);
    }
    for (Listener listener : listeners) {
      listener.changed(before, object);
    }
  }

  /** Takes the end of an object. */
  public void remove(JsonNode object) {
    String uid = Objects.uid(object);
    tombstones.put(uid, Boolean.TRUE);
    String key = Objects.key(object);
    JsonNode before = objects.get(key);
    if (before == null || !Objects.uid(before).equals(uid)) {
      return;
    }
    objects.remove(key);
    for (Index index : indices.values()) {
      index.move(key, before, null);
    }
    for (Listener listener : listeners) {
      listener.changed(before, null);
    }
  }

  private static final class Index {
    final Function<JsonNode, List<String>> values;
    final Map<String, Set<String>> keys = new LinkedHashMap<>();

    Index(Function<JsonNode, List<String>> values) {
      this.values = values;
    }

    void move(String key, @Nullable JsonNode before, @Nullable JsonNode after) {
      List<String> old = before == null ? List.of() : values.apply(before);
      List<String> now = after == null ? List.of() : values.apply(after);
      if (old.equals(now)) {
        return;
      }
      for (String value : old) {
        Set<String> set = keys.get(value);
        if (set != null && !now.contains(value)) {
          set.remove(key);
          if (set.isEmpty()) {
            keys.remove(value);
          }
        }
      }
      for (String value : now) {
        keys.computeIfAbsent(value, v -> new LinkedHashSet<>()).add(key);
      }
    }
  }
}
