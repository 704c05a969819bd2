package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.LinkedHashMap;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** Objects between the version they are kept in and the version of a path. */
final class Conversions {

  /** Whether objects are kept as this path shows them. */
  boolean isStorageVersion(ResourceType type) {
    return !type.group().equals("events.k8s.io")
        && Resources.storedVersion(type).equals(type.apiVersion());
  }

  /** An object as the path shows it. */
  Map<String, Object> fromStorage(ResourceType type, Map<String, Object> stored) {
    if (isStorageVersion(type)) {
      return stored;
    }
    Map<String, Object> object = new LinkedHashMap<>(stored);
    object.put("apiVersion", type.apiVersion());
    return object;
  }

  /** An object of a path as it is kept. */
  Map<String, Object> toStorage(ResourceType type, Map<String, Object> object) {
    if (isStorageVersion(type)) {
      return object;
    }
    Map<String, Object> stored = new LinkedHashMap<>(object);
    stored.put("apiVersion", Resources.storedVersion(type));
    return stored;
  }
}
