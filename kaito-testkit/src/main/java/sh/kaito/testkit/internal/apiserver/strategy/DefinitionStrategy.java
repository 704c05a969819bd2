package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.CustomResourceDefinitions;

/** CustomResourceDefinitions: names, conversion, stored versions. */
final class DefinitionStrategy extends Strategy {
  private static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

  @Override
  public boolean hasGeneration(ResourceType type) {
    return true;
  }

  @Override
  public boolean allowsUnconditionalUpdate(ResourceType type) {
    return false;
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
      if (Json.text(names, "listKind").isEmpty() && !kind.isEmpty()) {
        names.put("listKind", kind + "List");
      }
    }
  }

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    object.put("status", Json.objectOf("storedVersions", List.of()));
    recordStorageVersion(object);
  }

  @Override
  public void prepareForUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    super.prepareForUpdate(type, object, old);
    recordStorageVersion(object);
  }

  /** A write of the status may change metadata too, unlike those of other types. */
  @Override
  public void prepareForStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    keep(object, old, "spec");
  }

  /** The version that objects are stored in from now on is one that they may be stored in. */
  private static void recordStorageVersion(Map<String, Object> object) {
    for (Object version : Trees.items(object, "spec", "versions")) {
      if (Json.isTrue(version, "storage")) {
        Map<String, Object> status = Trees.child(object, "status");
        List<Object> stored = new ArrayList<>(Trees.items(status, "storedVersions"));
        String name = Json.text(version, "name");
        if (!stored.contains(name)) {
          stored.add(name);
          status.put("storedVersions", stored);
        }
        return;
      }
    }
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    CustomResourceDefinitions.validate(object, null).forEach(e -> causes.add(Cause.of(e)));
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    CustomResourceDefinitions.validate(object, old).forEach(e -> causes.add(Cause.of(e)));
  }

  @Override
  public void validateStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    CustomResourceDefinitions.validateStatus(object).forEach(e -> causes.add(Cause.of(e)));
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
    Map<String, Object> status = Json.object(object, "status");
    object.put("status", status == null ? Json.newObject() : Json.copyObject(status));
    DefinitionConditions.set(
        object,
        DefinitionConditions.TERMINATING,
        true,
        "InstanceDeletionPending",
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        now);
    return true;
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }
}
