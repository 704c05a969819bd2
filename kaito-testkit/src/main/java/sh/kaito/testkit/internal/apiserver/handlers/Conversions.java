package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.schema.CustomSchema;

/** Objects between the version they are kept in and the version of a path. */
final class Conversions {
  private static final String EVENTS = "events.k8s.io";

  private final Schemas schemas;

  Conversions(Schemas schemas) {
    this.schemas = schemas;
  }

  /**
   * What stored objects look like depends on this besides the objects themselves: an object that a
   * client gets may be kept as long as it is the same.
   */
  Object shape(ResourceType type) {
    return schemas.of(type);
  }

  /** An object as the path shows it, a copy. */
  Map<String, Object> fromStorage(ResourceType type, Map<String, Object> stored) {
    CustomVersion version = type.custom();
    if (version != null) {
      // What is stored may be older than the schema of today.
      CustomSchema storage = schemas.storageOf(type, version);
      Map<String, Object> object = storage.adopt(stored);
      return version.isStorage() ? object : ((CustomSchema) schemas.of(type)).convert(object);
    }
    return schemas.normalise(
        type, type.group().equals(EVENTS) ? EventVersions.toEvents(stored) : stored);
  }

  /** As {@link #fromStorage}, to be read only: what needs no conversion is not copied. */
  Map<String, Object> view(ResourceType type, Map<String, Object> stored) {
    // Built-in types are stored as they are read.
    return type.isCustom() || type.group().equals(EVENTS) ? fromStorage(type, stored) : stored;
  }

  /** An object of a path as it is kept. */
  Map<String, Object> toStorage(ResourceType type, Map<String, Object> object) {
    CustomVersion version = type.custom();
    if (version != null) {
      return version.isStorage() ? object : schemas.storageOf(type, version).convert(object);
    }
    return type.group().equals(EVENTS) ? EventVersions.toCore(object) : object;
  }
}
