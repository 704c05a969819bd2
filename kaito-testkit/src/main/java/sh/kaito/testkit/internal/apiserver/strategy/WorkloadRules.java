package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.json.Json;

/** What is refused in Deployments, StatefulSets and their like. */
final class WorkloadRules {
  private WorkloadRules() {}

  static void nonNegative(Map<String, Object> object, String field, List<Cause> causes) {
    Object value = Json.get(object, field.split("\\.", -1));
    if (value instanceof Long number && number < 0) {
      causes.add(Cause.invalid(field, number, "must be greater than or equal to 0"));
    }
  }

  static void validate(String storage, Map<String, Object> object, List<Cause> causes) {
    nonNegative(object, "spec.replicas", causes);
    Map<String, Object> selector = Json.object(object, "spec", "selector");
    Map<String, Object> labels = Json.object(object, "spec", "template", "metadata", "labels");
    if (selector == null) {
      causes.add(Cause.required("spec.selector", ""));
    } else if (selector.isEmpty()) {
      causes.add(
          Cause.invalid(
              "spec.selector",
              selector,
              "empty selector is invalid for " + storage.substring(0, storage.indexOf('s'))));
    }
    Map<String, Object> wanted = selector == null ? null : Json.object(selector, "matchLabels");
    if (selector == null || !matches(wanted, labels)) {
      causes.add(
          Cause.invalid(
              "spec.template.metadata.labels",
              labels,
              "`selector` does not match template `labels`"));
    }
    PodRules.template(object, "spec.template", causes);
    if (storage.equals("deployments.apps")
        && Json.text(object, "spec", "strategy", "type").equals("Recreate")
        && Json.get(object, "spec", "strategy", "rollingUpdate") != null) {
      causes.add(
          Cause.forbidden(
              "spec.strategy.rollingUpdate",
              "may not be specified when strategy `type` is 'Recreate'"));
    }
  }

  private static boolean matches(
      @Nullable Map<String, Object> wanted, @Nullable Map<String, Object> labels) {
    if (wanted == null) {
      return true;
    }
    for (Map.Entry<String, Object> entry : wanted.entrySet()) {
      if (labels == null || !Objects.equals(labels.get(entry.getKey()), entry.getValue())) {
        return false;
      }
    }
    return true;
  }

  static void validateUpdate(
      String storage, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    Object selector = Json.get(object, "spec", "selector");
    if (storage.equals("statefulsets.apps")) {
      if (!fixed(object).equals(fixed(old))) {
        causes.add(
            Cause.forbidden(
                "spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals',"
                    + " 'template', 'updateStrategy', 'revisionHistoryLimit',"
                    + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are"
                    + " forbidden"));
      }
    } else if (!Objects.equals(selector, Json.get(old, "spec", "selector"))) {
      causes.add(MetadataRules.immutable("spec.selector", selector));
    }
  }

  private static Map<String, Object> fixed(Map<String, Object> object) {
    Map<String, Object> spec =
        new HashMap<>(Objects.requireNonNullElse(Json.object(object, "spec"), Map.of()));
    for (String field :
        List.of(
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds")) {
      spec.remove(field);
    }
    return spec;
  }
}
