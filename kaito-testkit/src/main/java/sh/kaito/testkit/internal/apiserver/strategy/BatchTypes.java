package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.json.Json;

/** Jobs, with the labels by which a Job knows its pods, and CronJobs. */
final class BatchTypes {
  private static final String UID_LABEL = "batch.kubernetes.io/controller-uid";
  private static final String NAME_LABEL = "batch.kubernetes.io/job-name";

  /** Names of CronJobs leave room for the time in the names of their Jobs. */
  private static final int CRON_NAME = 52;

  private BatchTypes() {}

  static void addTo(Map<String, Strategy> table) {
    table.put("jobs.batch", jobs());
    table.put("cronjobs.batch", cronJobs());
  }

  private static TypeRules jobs() {
    return new TypeRules()
        .generation()
        .orphans()
        .deletionWarning(
            "child pods are preserved by default when jobs are deleted; set"
                + " propagationPolicy=Background to remove them or set propagationPolicy=Orphan to"
                + " suppress this warning")
        .warnings(
            (next, old) ->
                old != null ? List.of() : PodRules.hostname(next, "Pod names and hostnames"))
        .warnings(
            (next, old) ->
                PodRules.templateWarnings(next.child("spec.template"), old, "spec", "template"))
        .defaults(BatchTypes::jobDefaults)
        .creation(BatchTypes::generateSelector)
        .valid(
            check -> {
              generatedSelector(check);
              jobSpec(check.child("spec"));
              selected(check.child("spec"));
            })
        .change(
            (next, old) -> {
              boolean indexed = next.text("spec.completionMode").equals("Indexed");
              boolean elastic =
                  indexed
                      && Objects.equals(next.get("spec.completions"), next.get("spec.parallelism"));
              if (!elastic) {
                next.immutable(old, "spec.completions");
              }
              next.immutable(
                  old,
                  "spec.selector",
                  "spec.completionMode",
                  "spec.podFailurePolicy",
                  "spec.backoffLimitPerIndex",
                  "spec.managedBy",
                  "spec.successPolicy");
              if (!Json.isTrue(old, "spec", "suspend")) {
                next.immutable(old, "spec.template");
              }
            });
  }

  private static void jobDefaults(Map<String, Object> object) {
    Map<String, Object> spec = Trees.child(object, "spec");
    if (spec.get("completions") == null && spec.get("parallelism") == null) {
      spec.put("completions", 1L);
      spec.put("parallelism", 1L);
    }
    Trees.preset(spec, "parallelism", 1L);
    if (spec.get("backoffLimitPerIndex") != null) {
      Trees.preset(spec, "backoffLimit", (long) Integer.MAX_VALUE);
    }
    Trees.preset(spec, "backoffLimit", 6L);
    Trees.preset(spec, "completionMode", "NonIndexed");
    Trees.preset(spec, "suspend", false);
    Trees.preset(spec, "manualSelector", false);
    Trees.preset(
        spec,
        "podReplacementPolicy",
        spec.get("podFailurePolicy") == null ? "TerminatingOrFailed" : "Failed");
    PodDefaults.template(Trees.child(spec, "template"));
    // Labels of the template stand for those of the Job where it has none.
    Map<String, Object> metadata = MetadataRules.metadata(object);
    Map<String, Object> template = Json.object(spec, "template", "metadata", "labels");
    if (template != null && Json.object(metadata, "labels") == null) {
      metadata.put("labels", Json.copyObject(template));
    }
  }

  private static void generateSelector(Map<String, Object> object) {
    Map<String, Object> spec = Trees.child(object, "spec");
    if (Json.isTrue(spec, "manualSelector")) {
      return;
    }
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String uid = Json.text(metadata, "uid");
    String name = Json.text(metadata, "name");
    Map<String, Object> template = Trees.child(Trees.child(spec, "template"), "metadata");
    // The Job's own labels get them because they may be those of the template.
    for (Map<String, Object> labels :
        List.of(Trees.child(template, "labels"), Trees.child(metadata, "labels"))) {
      labels.put(UID_LABEL, uid);
      labels.put(NAME_LABEL, name);
      labels.put("controller-uid", uid);
      labels.put("job-name", name);
    }
    Trees.child(Trees.child(spec, "selector"), "matchLabels").put(UID_LABEL, uid);
  }

  private static void generatedSelector(Check job) {
    Map<String, Object> selector = job.object("spec.selector");
    if (job.isTrue("spec.manualSelector") || selector == null) {
      return;
    }
    Map<String, Object> expected = new HashMap<>();
    for (String label : List.of(UID_LABEL, "controller-uid")) {
      expected.put(label, job.text("metadata.uid"));
    }
    for (String label : List.of(NAME_LABEL, "job-name")) {
      expected.put(label, job.text("metadata.name"));
    }
    if (!LabelSelectors.matches(selector, expected)) {
      job.invalid("spec.selector", selector, "`selector` not auto-generated");
    }
  }

  private static void selected(Check spec) {
    LabelSelectors.validate(spec.child("selector"));
    Map<String, Object> selector = spec.object("selector");
    Map<String, Object> labels = spec.object("template.metadata.labels");
    if (selector == null) {
      spec.required("selector", "");
    } else if (!LabelSelectors.matches(selector, labels)) {
      spec.invalid(
          "template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
  }

  private static void jobSpec(Check spec) {
    spec.nonNegative(
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes");
    spec.oneOf("completionMode", "Indexed", "NonIndexed");
    if (spec.text("completionMode").equals("Indexed") && !spec.has("completions")) {
      spec.required("completions", "when completion mode is Indexed");
    }
    PodRules.template(spec.child("template"));
    String policy = spec.text("template.spec.restartPolicy");
    if (policy.equals("Always")) {
      spec.required("template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
    }
  }

  private static TypeRules cronJobs() {
    return new TypeRules()
        .generation()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              Trees.presetText(spec, "concurrencyPolicy", "Allow");
              Trees.preset(spec, "suspend", false);
              Trees.preset(spec, "successfulJobsHistoryLimit", 3L);
              Trees.preset(spec, "failedJobsHistoryLimit", 1L);
              Map<String, Object> job = Trees.child(Trees.child(spec, "jobTemplate"), "spec");
              PodDefaults.template(Trees.child(job, "template"));
            })
        .valid(
            check -> {
              String name = check.text("metadata.name");
              if (name.length() > CRON_NAME) {
                check.invalid(
                    "metadata.name", name, "must be no more than " + CRON_NAME + " characters");
              }
              Check spec = check.child("spec");
              schedule(spec);
              spec.nonNegative(
                  "startingDeadlineSeconds",
                  "successfulJobsHistoryLimit",
                  "failedJobsHistoryLimit");
              if (spec.text("concurrencyPolicy").isEmpty()) {
                spec.required("concurrencyPolicy", "");
              } else {
                spec.oneOf("concurrencyPolicy", "Allow", "Forbid", "Replace");
              }
              jobSpec(spec.child("jobTemplate.spec"));
              if (spec.isTrue("jobTemplate.spec.manualSelector")) {
                spec.add(
                    sh.kaito.testkit.internal.apiserver.Cause.unsupported(
                        spec.field("jobTemplate.spec.manualSelector"), true, "nil", "false"));
              }
            });
  }

  private static void schedule(Check spec) {
    String schedule = spec.text("schedule");
    if (schedule.isEmpty()) {
      spec.required("schedule", "");
      return;
    }
    if (schedule.contains("TZ")) {
      spec.invalid(
          "schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
    String[] fields = schedule.strip().split("\\s+");
    if (!schedule.startsWith("@") && fields.length != 5) {
      spec.invalid(
          "schedule",
          schedule,
          "expected exactly 5 fields, found "
              + fields.length
              + ": ["
              + String.join(" ", fields)
              + "]");
    }
  }
}
