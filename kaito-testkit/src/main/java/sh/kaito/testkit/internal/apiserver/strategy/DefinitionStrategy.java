package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** CustomResourceDefinitions: names, conversion, stored versions. */
final class DefinitionStrategy extends BuiltInStrategies.Plain {
  private static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

  DefinitionStrategy() {
    super("customresourcedefinitions.apiextensions.k8s.io");
  }

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    Map<String, Object> spec = Json.object(object, "spec");
    if (spec == null) {
      return;
    }
    spec.putIfAbsent("conversion", Json.objectOf("strategy", "None"));
    Map<String, Object> names = Json.object(spec, "names");
    if (names != null) {
      String kind = Json.text(names, "kind");
      if (Json.text(names, "singular").isEmpty()) {
        names.put("singular", kind.toLowerCase(Locale.ROOT));
      }
      if (Json.text(names, "listKind").isEmpty()) {
        names.put("listKind", kind + "List");
      }
    }
  }

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    super.prepareForCreate(type, object);
    List<Object> versions = Json.list(object, "spec", "versions");
    Map<String, Object> status = Json.newObject();
    status.put("storedVersions", List.of());
    if (versions != null) {
      for (Object version : versions) {
        if (Json.isTrue(version, "storage")) {
          status.put("storedVersions", List.of(Json.text(version, "name")));
        }
      }
    }
    object.put("status", status);
  }

  /** Its instances go first; a finalizer waits for that. */
  @Override
  public boolean startDeletion(Map<String, Object> object, Instant now) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    metadata.put("deletionTimestamp", Dates.seconds(now));
    List<Object> finalizers = new ArrayList<>();
    List<Object> present = Json.list(metadata, "finalizers");
    if (present != null) {
      finalizers.addAll(present);
    }
    if (!finalizers.contains(CLEANUP)) {
      finalizers.add(CLEANUP);
    }
    metadata.put("finalizers", finalizers);
    return true;
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }
}
