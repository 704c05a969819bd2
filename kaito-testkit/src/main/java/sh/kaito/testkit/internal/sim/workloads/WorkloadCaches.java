package sh.kaito.testkit.internal.sim.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;

/** How controllers find what they own. */
final class WorkloadCaches {
  /** Objects by the UID of their controller. */
  static final String BY_OWNER = "owner";

  private WorkloadCaches() {}

  static List<String> owner(JsonNode object) {
    String uid = Objects.controllerUid(object);
    return uid.isEmpty() ? List.of() : List.of(uid);
  }

  /** Has an owner looked at when something of it changes. */
  static void wakeOwner(ObjectCache owned, Kind ownerKind, KeyedLoop loop) {
    owned.listen(
        (before, after) -> {
          JsonNode object = after == null ? before : after;
          String owner = object == null ? "" : ownerName(object, ownerKind);
          if (object != null && !owner.isEmpty()) {
            loop.enqueue(Objects.namespace(object) + "/" + owner);
          }
        });
  }

  private static String ownerName(JsonNode object, Kind ownerKind) {
    for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
      if (owner.path("controller").asBoolean(false)
          && owner.path("kind").asText().equals(ownerKind.kindName())) {
        return owner.path("name").asText();
      }
    }
    return "";
  }

  /** Has an object looked at when it changes. */
  static void wakeSelf(ObjectCache cache, KeyedLoop loop) {
    cache.listen((before, after) -> wake(loop, after == null ? before : after));
  }

  private static void wake(KeyedLoop loop, @Nullable JsonNode object) {
    if (object != null) {
      loop.enqueue(Objects.key(object));
    }
  }
}
