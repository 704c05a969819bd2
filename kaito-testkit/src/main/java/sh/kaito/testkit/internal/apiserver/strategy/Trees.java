package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Short ways around trees that may be changed. */
final class Trees {
  private Trees() {}

  /** The object at a key, put there when absent. */
  static Map<String, Object> child(Map<String, Object> parent, String key) {
    Map<String, Object> child = Json.object(parent, key);
    if (child == null) {
      child = Json.newObject();
      parent.put(key, child);
    }
    return child;
  }

  /** The items of a list; empty when absent. */
  static List<Object> items(@Nullable Object root, String... path) {
    List<Object> list = Json.list(root, path);
    return list == null ? List.of() : list;
  }

  /** Adds a finalizer that is not there yet. */
  static void addFinalizer(Map<String, Object> object, String finalizer) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    List<Object> finalizers = new ArrayList<>(items(metadata, "finalizers"));
    if (!finalizers.contains(finalizer)) {
      finalizers.add(finalizer);
      metadata.put("finalizers", finalizers);
    }
  }

  /** Sets a field that is absent or null. */
  static void preset(Map<String, Object> object, String key, Object value) {
    if (object.get(key) == null) {
      object.put(key, value);
    }
  }

  /** Sets a string that is absent or empty. */
  static void presetText(Map<String, Object> object, String key, String value) {
    if (Json.text(object, key).isEmpty()) {
      object.put(key, value);
    }
  }

  /** Sets a number that is absent or zero. */
  static void presetNumber(Map<String, Object> object, String key, long value) {
    if (Json.integer(object, 0, key) == 0) {
      object.put(key, value);
    }
  }
}
