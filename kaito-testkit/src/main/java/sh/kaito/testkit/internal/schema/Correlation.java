package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A new value beside the old one at the same place, so that what an update leaves alone is not held
 * against it. List items are matched by their keys, in lists of type map only. One thread.
 */
final class Correlation {
  private final @Nullable Object oldValue;
  private final @Nullable Object newValue;
  private final @Nullable Structural schema;
  private final Map<Object, Correlation> children = new HashMap<>();
  private @Nullable Boolean equal;

  Correlation(@Nullable Object newValue, @Nullable Object oldValue, @Nullable Structural schema) {
    this.newValue = newValue;
    this.oldValue = oldValue;
    this.schema = schema;
  }

  @Nullable Object oldValue() {
    return oldValue;
  }

  /** The same field of both; null when one has none, or the schema does not know it. */
  @Nullable Correlation key(String name) {
    Correlation known = children.get(name);
    if (known != null) {
      return known;
    }
    if (schema == null
        || !(oldValue instanceof Map<?, ?> before)
        || !(newValue instanceof Map<?, ?> after)
        || !before.containsKey(name)
        || !after.containsKey(name)) {
      return null;
    }
    Structural field = schema.field(name);
    if (field == null) {
      return null;
    }
    Correlation child = new Correlation(after.get(name), before.get(name), field);
    children.put(name, child);
    return child;
  }

  /** The old item with the keys of a new one; null when there is none. */
  @Nullable Correlation index(int index) {
    Correlation known = children.get(index);
    if (known != null) {
      return known;
    }
    if (schema == null
        || schema.items() == null
        || !schema.listType().equals("map")
        || !(oldValue instanceof List<?> before)
        || !(newValue instanceof List<?> after)
        || index >= after.size()) {
      return null;
    }
    List<@Nullable Object> keys = keys(schema, after.get(index));
    if (keys == null) {
      return null;
    }
    for (Object item : before) {
      if (keys.equals(keys(schema, item))) {
        Correlation child = new Correlation(after.get(index), item, schema.items());
        children.put(index, child);
        return child;
      }
    }
    return null;
  }

  private static @Nullable List<@Nullable Object> keys(Structural list, @Nullable Object item) {
    if (!(item instanceof Map<?, ?> map)) {
      return null;
    }
    List<@Nullable Object> keys = new ArrayList<>();
    for (String name : list.listKeys()) {
      Object key = map.get(name);
      if (key == null || key instanceof Map<?, ?> || key instanceof List<?>) {
        return null;
      }
      keys.add(key);
    }
    return keys;
  }

  /**
   * Whether nothing changed. Objects with fields that the schema does not know count as changed, as
   * in the real server.
   */
  boolean isEqual() {
    if (equal == null) {
      equal = compare();
    }
    return equal;
  }

  private boolean compare() {
    if (oldValue instanceof List<?> before && newValue instanceof List<?> after) {
      if (before.size() != after.size()) {
        return false;
      }
      boolean byKeys = schema != null && schema.listType().equals("map");
      for (int i = 0; i < after.size(); i++) {
        Correlation child = index(i);
        if (child == null) {
          return !byKeys && before.equals(after);
        }
        if (!child.isEqual()) {
          return false;
        }
      }
      return true;
    }
    if (oldValue instanceof Map<?, ?> before && newValue instanceof Map<?, ?> after) {
      if (before.size() != after.size()) {
        return false;
      }
      for (Object name : after.keySet()) {
        Correlation child = key((String) name);
        if (child == null || !child.isEqual()) {
          return false;
        }
      }
      return true;
    }
    return Objects.equals(oldValue, newValue);
  }
}
