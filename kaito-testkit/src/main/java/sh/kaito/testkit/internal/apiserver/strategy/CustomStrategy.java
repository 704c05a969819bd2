package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** Custom resources: every field but metadata, and status where it is a subresource, is desired. */
final class CustomStrategy extends Strategy {

  @Override
  public boolean bumpsGeneration(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    CustomVersion custom = type.custom();
    boolean status = custom != null && custom.hasStatus();
    return !desired(object, status).equals(desired(old, status));
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
