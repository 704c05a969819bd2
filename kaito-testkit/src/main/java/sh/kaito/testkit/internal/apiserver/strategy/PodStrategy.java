package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Pods: pending at first, with time to stop when deleted. */
final class PodStrategy extends Strategy {

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    Map<String, Object> status = Json.objectOf("phase", "Pending");
    status.put("qosClass", qosClass(object));
    object.put("status", status);
  }

  private static String qosClass(Map<String, Object> object) {
    return PodQos.of(object);
  }

  @Override
  public boolean hasGeneration(ResourceType type) {
    return true;
  }

  @Override
  public boolean bumpsGeneration(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    return !Objects.equals(object.get("spec"), old.get("spec"));
  }

  @Override
  public @Nullable Long gracePeriod(Map<String, Object> object, @Nullable Long requested) {
    String phase = Json.text(object, "status", "phase");
    if (Json.text(object, "spec", "nodeName").isEmpty()
        || phase.equals("Succeeded")
        || phase.equals("Failed")) {
      return 0L;
    }
    if (requested != null) {
      return requested;
    }
    long period = Json.integer(object, 30, "spec", "terminationGracePeriodSeconds");
    return period < 0 ? 1 : period;
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }
}
