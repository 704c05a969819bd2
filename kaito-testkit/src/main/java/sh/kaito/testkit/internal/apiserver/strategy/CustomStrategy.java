package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Custom resources: every field but metadata, and status where it is a subresource, is desired. */
final class CustomStrategy extends Strategy {

  @Override
  public boolean bumpsGeneration(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    CustomVersion custom = type.custom();
    boolean status = custom != null && custom.hasStatus();
    return !desired(object, status).equals(desired(old, status));
  }

  /** Of a write to {@code /status} only status and managed fields count. */
  @Override
  public void prepareForStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    Object status = object.get("status");
    Object managedFields = Json.get(object, "metadata", "managedFields");
    boolean hasStatus = object.containsKey("status");
    List<String> sent = List.copyOf(object.keySet());
    sent.forEach(object::remove);
    Map<String, Object> copy = Json.copyObject(old);
    object.putAll(copy);
    Map<String, Object> metadata = Objects.requireNonNull(Json.object(object, "metadata"));
    if (managedFields == null) {
      metadata.remove("managedFields");
    } else {
      metadata.put("managedFields", managedFields);
    }
    if (hasStatus) {
      object.put("status", status);
    } else {
      object.remove("status");
    }
  }

  private static Map<String, Object> desired(Map<String, Object> object, boolean withoutStatus) {
    Map<String, Object> copy = new HashMap<>(object);
    copy.remove("metadata");
    copy.remove("apiVersion");
    copy.remove("kind");
    if (withoutStatus) {
      copy.remove("status");
    }
    return copy;
  }
}
