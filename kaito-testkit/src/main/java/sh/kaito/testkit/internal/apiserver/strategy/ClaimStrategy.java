package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** PersistentVolumeClaims: pending at first, protected while in use. */
final class ClaimStrategy extends Strategy {
  private static final String PROTECTION = "kubernetes.io/pvc-protection";

  static void defaults(Map<String, Object> claim) {
    Trees.preset(Trees.child(claim, "spec"), "volumeMode", "Filesystem");
    Trees.presetText(Trees.child(claim, "status"), "phase", "Pending");
  }

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    defaults(object);
  }

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    object.put("status", Json.objectOf("phase", "Pending"));
    Trees.addFinalizer(object, PROTECTION);
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    if (Trees.items(object, "spec", "accessModes").isEmpty()) {
      causes.add(Cause.required("spec.accessModes", "at least 1 access mode is required"));
    }
    if (Json.get(object, "spec", "resources", "requests", "storage") == null) {
      causes.add(Cause.required("spec.resources[storage]", ""));
    }
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    validate(type, object, causes);
    boolean bound = Json.text(old, "status", "phase").equals("Bound");
    if (!fixed(object, bound).equals(fixed(old, bound))) {
      causes.add(
          Cause.forbidden(
              "spec",
              "spec is immutable after creation except resources.requests and"
                  + " volumeAttributesClassName for bound claims"));
    }
  }

  private static Map<String, Object> fixed(Map<String, Object> claim, boolean bound) {
    Map<String, Object> spec = Json.copyObject(Trees.child(claim, "spec"));
    spec.remove("volumeName");
    if (bound) {
      spec.remove("volumeAttributesClassName");
      Map<String, Object> resources = Json.object(spec, "resources");
      if (resources != null) {
        resources.remove("requests");
      }
    }
    return spec;
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }
}
