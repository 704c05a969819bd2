package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
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
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    PodDefaults.pod(object);
  }

  @Override
  public String[] resetFields(ResourceType type, String subresource) {
    return switch (subresource) {
      case "" -> new String[] {"status"};
      case "status" ->
          new String[] {"spec", "metadata.deletionTimestamp", "metadata.ownerReferences"};
      default -> new String[0];
    };
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    PodRules.spec(Check.of(object, "", causes).child("spec"));
  }

  @Override
  public List<String> warnings(
      ResourceType type, Map<String, Object> object, @Nullable Map<String, Object> old) {
    if (old != null) {
      return List.of();
    }
    Check pod = Check.of(object, "", List.of());
    List<String> warnings = new ArrayList<>(PodRules.hostname(pod, "the Pod's hostname"));
    warnings.addAll(PodRules.warnings(pod.child("spec")));
    return warnings;
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    validate(type, object, causes);
    if (!fixed(object).equals(fixed(old))) {
      causes.add(
          Cause.forbidden(
              "spec",
              "pod updates may not change fields other than `spec.containers[*].image`,"
                  + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                  + "`spec.tolerations` (only additions to existing tolerations),"
                  + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
                  + " previously negative)"));
    }
  }

  /** What of a pod's spec stays as it was created; binding sets the node by another way. */
  private static Map<String, Object> fixed(Map<String, Object> pod) {
    Map<String, Object> spec = Json.copyObject(Trees.child(pod, "spec"));
    spec.remove("activeDeadlineSeconds");
    spec.remove("tolerations");
    spec.remove("terminationGracePeriodSeconds");
    for (String kind : List.of("containers", "initContainers")) {
      for (Object entry : Trees.items(spec, kind)) {
        Map<String, Object> container = Json.asObject(entry);
        if (container != null) {
          container.remove("image");
        }
      }
    }
    return spec;
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
