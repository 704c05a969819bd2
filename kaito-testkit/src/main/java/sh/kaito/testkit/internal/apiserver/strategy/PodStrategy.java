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
  public void prepareForStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    super.prepareForStatusUpdate(type, object, old);
    Map<String, Object> metadata = MetadataRules.metadata(object);
    keep(metadata, MetadataRules.metadata(old), "ownerReferences");
    keep(metadata, MetadataRules.metadata(old), "deletionTimestamp");
    Map<String, Object> status = Trees.child(object, "status");
    Trees.preset(status, "qosClass", Json.text(old, "status", "qosClass"));
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    validate(type, object, causes);
    Check spec = Check.of(object, "", causes).child("spec");
    for (String kind : List.of("containers", "initContainers")) {
      if (spec.items(kind).size() != Trees.items(old, "spec", kind).size()) {
        spec.forbidden(kind, "pod updates may not add or remove containers");
        return;
      }
    }
    if (deadlineGrows(spec, Json.get(old, "spec", "activeDeadlineSeconds"))) {
      return;
    }
    tolerations(spec, Trees.items(old, "spec", "tolerations"));
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

  /** A deadline may be set and come nearer; it neither goes nor moves away. */
  private static boolean deadlineGrows(Check spec, @Nullable Object old) {
    String field = "activeDeadlineSeconds";
    if (!(old instanceof Long before)) {
      return false;
    }
    if (!spec.has(field)) {
      spec.invalid(field, null, "must not update from a positive integer to nil value");
    } else if (spec.number(field) > before) {
      spec.invalid(field, spec.get(field), "must be less than or equal to previous value");
      return true;
    }
    return false;
  }

  private static void tolerations(Check spec, List<Object> old) {
    List<Map<String, Object>> present = new ArrayList<>();
    Trees.items(spec.get("tolerations")).forEach(item -> present.add(withoutTime(item)));
    if (!old.stream().allMatch(item -> present.contains(withoutTime(item)))) {
      spec.forbidden(
          "tolerations", "existing toleration can not be modified except its tolerationSeconds");
    }
  }

  private static Map<String, Object> withoutTime(Object toleration) {
    Map<String, Object> copy = Json.newObject();
    Map<String, Object> fields = Json.asObject(toleration);
    if (fields != null) {
      copy.putAll(fields);
    }
    copy.remove("tolerationSeconds");
    return copy;
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
