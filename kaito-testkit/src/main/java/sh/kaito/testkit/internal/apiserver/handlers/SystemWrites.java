package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;

/** Writes of the server's own controllers, by the same rules as those of clients. */
public final class SystemWrites {
  private final Resources resources;

  public SystemWrites(Resources resources) {
    this.resources = resources;
  }

  /** Creates an object in its storage version. */
  public StoredObject create(
      ResourceType type, @Nullable String namespace, Map<String, Object> object, String manager) {
    return resources.create(type, namespace, object, WriteOptions.system(manager));
  }

  /** Changes the metadata of an object. */
  public void editMetadata(
      ResourceType type, String key, String manager, Consumer<Map<String, Object>> change) {
    edit(type, key, manager, object -> change.accept(MetadataRules.metadata(object)));
  }

  /** Changes an object, whatever has been written to it meanwhile. */
  public void edit(
      ResourceType type, String key, String manager, Consumer<Map<String, Object>> change) {
    resources.update(
        type,
        namespace(key),
        key.substring(key.indexOf('/') + 1),
        false,
        WriteOptions.system(manager),
        live -> {
          Map<String, Object> object = Objects.requireNonNull(live);
          change.accept(object);
          return object;
        });
  }

  /** Changes the status of an object. */
  public void editStatus(
      ResourceType type, String key, String manager, Consumer<Map<String, Object>> change) {
    resources.update(
        type,
        namespace(key),
        key.substring(key.indexOf('/') + 1),
        false,
        WriteOptions.systemStatus(manager),
        live -> {
          Map<String, Object> object = Objects.requireNonNull(live);
          change.accept(object);
          return object;
        });
  }

  /** Takes {@code spec.finalizers} away from a namespace and with it the namespace. */
  public void finishNamespace(ResourceType type, String name) {
    resources.finishNamespace(type, name);
  }

  private static @Nullable String namespace(String key) {
    int slash = key.indexOf('/');
    return slash < 0 ? null : key.substring(0, slash);
  }
}
