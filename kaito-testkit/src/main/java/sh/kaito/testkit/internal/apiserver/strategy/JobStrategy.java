package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Jobs: completions, and the labels by which a Job knows its pods. */
final class JobStrategy extends BuiltInStrategies.Plain {
  JobStrategy() {
    super("jobs.batch");
  }

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    Map<String, Object> spec = Trees.child(object, "spec");
    if (spec.get("completions") == null && spec.get("parallelism") == null) {
      spec.put("completions", 1L);
      spec.put("parallelism", 1L);
    }
    Trees.preset(spec, "parallelism", 1L);
    Trees.preset(spec, "backoffLimit", 6L);
    Trees.preset(spec, "completionMode", "NonIndexed");
    Trees.preset(spec, "suspend", false);
    Trees.preset(spec, "manualSelector", false);
    if (spec.get("podReplacementPolicy") == null) {
      spec.put(
          "podReplacementPolicy",
          spec.get("podFailurePolicy") == null ? "TerminatingOrFailed" : "Failed");
    }
    PodDefaults.spec(Trees.child(Trees.child(spec, "template"), "spec"));
    labels(object);
  }

  /** Labels of the template stand for those of the Job where it has none. */
  private static void labels(Map<String, Object> object) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    Map<String, Object> template = Json.object(object, "spec", "template", "metadata", "labels");
    if (template != null && Json.object(metadata, "labels") == null) {
      metadata.put("labels", Json.copyObject(template));
    }
  }

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    super.prepareForCreate(type, object);
    Map<String, Object> spec = Trees.child(object, "spec");
    if (Json.isTrue(spec, "manualSelector")) {
      return;
    }
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String uid = Json.text(metadata, "uid");
    String name = Json.text(metadata, "name");
    Map<String, Object> template = Trees.child(Trees.child(spec, "template"), "metadata");
    for (Map<String, Object> labels :
        List.of(Trees.child(template, "labels"), Trees.child(metadata, "labels"))) {
      labels.put("batch.kubernetes.io/controller-uid", uid);
      labels.put("batch.kubernetes.io/job-name", name);
      labels.put("controller-uid", uid);
      labels.put("job-name", name);
    }
    Trees.child(Trees.child(spec, "selector"), "matchLabels")
        .put("batch.kubernetes.io/controller-uid", uid);
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    WorkloadRules.nonNegative(object, "spec.parallelism", causes);
    WorkloadRules.nonNegative(object, "spec.completions", causes);
    WorkloadRules.nonNegative(object, "spec.backoffLimit", causes);
    PodRules.template(object, "spec.template", causes);
    String policy = Json.text(object, "spec", "template", "spec", "restartPolicy");
    if (policy.equals("Always")) {
      causes.add(
          Cause.required(
              "spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
    }
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    validate(type, object, causes);
    boolean suspended = Json.isTrue(old, "spec", "suspend");
    for (String field : List.of("completions", "selector", "template", "completionMode")) {
      Object now = Json.get(object, "spec", field);
      boolean mayChange = suspended && field.equals("template");
      if (!mayChange && !Objects.equals(now, Json.get(old, "spec", field))) {
        causes.add(MetadataRules.immutable("spec." + field, now));
      }
    }
  }
}
