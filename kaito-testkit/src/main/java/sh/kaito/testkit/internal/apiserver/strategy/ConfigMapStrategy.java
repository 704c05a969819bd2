package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** ConfigMaps: keys that may be file names, at most 1 MiB, and immutable when they say so. */
final class ConfigMapStrategy extends Strategy {
  private static final long LIMIT = 1024 * 1024;

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    Map<String, Object> binary = Json.object(object, "binaryData");
    Map<String, Object> data = Json.object(object, "data");
    if (data != null && binary != null) {
      for (String key : data.keySet()) {
        if (binary.containsKey(key)) {
          causes.add(
              Cause.invalid("data[" + key + "]", key, "duplicate of key present in binaryData"));
        }
      }
    }
    DataRules.keys(object, "data", causes);
    DataRules.keys(object, "binaryData", causes);
    if (DataRules.size(object) > LIMIT) {
      causes.add(Cause.tooLong("[]", LIMIT));
    }
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    DataRules.immutable(object, old, List.of("data", "binaryData"), causes);
    validate(type, object, causes);
  }
}
