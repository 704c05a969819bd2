package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Events of the core group and of {@code events.k8s.io} are the same objects; ten fields go by
 * other names there.
 */
final class EventVersions {
  /** Names of {@code events.k8s.io/v1} by those of the core group. */
  private static final Map<String, String> NAMES =
      Map.of(
          "involvedObject", "regarding",
          "message", "note",
          "reportingComponent", "reportingController",
          "source", "deprecatedSource",
          "firstTimestamp", "deprecatedFirstTimestamp",
          "lastTimestamp", "deprecatedLastTimestamp",
          "count", "deprecatedCount");

  private EventVersions() {}

  static Map<String, Object> toEvents(Map<String, Object> core) {
    Map<String, Object> event = new LinkedHashMap<>();
    core.forEach((name, value) -> event.put(NAMES.getOrDefault(name, name), value));
    event.put("apiVersion", "events.k8s.io/v1");
    return event;
  }

  static Map<String, Object> toCore(Map<String, Object> event) {
    Map<String, Object> core = new LinkedHashMap<>(event);
    core.put("apiVersion", "v1");
    NAMES.forEach(
        (coreName, name) -> {
          if (core.containsKey(name)) {
            core.put(coreName, core.remove(name));
          }
        });
    return core;
  }
}
