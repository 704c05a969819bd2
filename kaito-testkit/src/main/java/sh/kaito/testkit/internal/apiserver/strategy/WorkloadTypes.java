package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.json.Json;

/** Deployments, StatefulSets, DaemonSets and ReplicaSets. */
final class WorkloadTypes {
  private static final Pattern PERCENT = Pattern.compile("[0-9]+%");

  /** DaemonSets tell their template's generation to clients of versions that are gone. */
  private static final String TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

  private static final List<String> STATEFUL_SET_CHANGES =
      List.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "revisionHistoryLimit",
          "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds");

  private WorkloadTypes() {}

  static void addTo(Map<String, Strategy> table) {
    table.put("deployments.apps", deployments());
    table.put("statefulsets.apps", statefulSets());
    table.put("daemonsets.apps", daemonSets());
    table.put("replicasets.apps", replicaSets());
    table.put("controllerrevisions.apps", new RevisionRules());
  }

  private static TypeRules workload() {
    return new TypeRules()
        .generation()
        .warnings(
            (next, old) ->
                PodRules.templateWarnings(next.child("spec.template"), old, "spec", "template"))
        .defaults(
            object -> PodDefaults.template(Trees.child(Trees.child(object, "spec"), "template")));
  }

  private static TypeRules deployments() {
    return workload()
        .statusKeepsLabels()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              Trees.preset(spec, "replicas", 1L);
              rollingUpdate(Trees.child(spec, "strategy"), "25%", "25%");
              Trees.preset(spec, "revisionHistoryLimit", 10L);
              Trees.preset(spec, "progressDeadlineSeconds", 600L);
            })
        .valid(
            check -> {
              Check spec = check.child("spec");
              spec.nonNegative(
                  "replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds");
              selector(spec, "deployment", true);
              template(spec, "ReplicaSet");
              strategy(spec.child("strategy"));
              if (spec.get("progressDeadlineSeconds") instanceof Long deadline
                  && deadline >= 0
                  && deadline <= spec.number("minReadySeconds")) {
                spec.invalid(
                    "progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
              }
            })
        .immutable("spec.selector");
  }

  private static void rollingUpdate(
      Map<String, Object> strategy, Object unavailable, Object surge) {
    Trees.presetText(strategy, "type", "RollingUpdate");
    if (Json.text(strategy, "type").equals("RollingUpdate")) {
      Map<String, Object> rolling = Trees.child(strategy, "rollingUpdate");
      Trees.preset(rolling, "maxUnavailable", unavailable);
      Trees.preset(rolling, "maxSurge", surge);
    }
  }

  private static void strategy(Check strategy) {
    switch (strategy.text("type")) {
      case "Recreate" -> {
        if (strategy.has("rollingUpdate")) {
          strategy.forbidden(
              "rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }
      }
      case "RollingUpdate" -> {
        Check rolling = strategy.child("rollingUpdate");
        amount(rolling, "maxUnavailable");
        amount(rolling, "maxSurge");
        if (isZero(rolling.get("maxUnavailable")) && isZero(rolling.get("maxSurge"))) {
          rolling.invalid(
              "maxUnavailable", rolling.get("maxUnavailable"), "may not be 0 when `maxSurge` is 0");
        }
        if (percent(rolling.get("maxUnavailable")) > 100) {
          rolling.invalid(
              "maxUnavailable", rolling.get("maxUnavailable"), "must not be greater than 100%");
        }
      }
      default -> strategy.oneOf("type", "Recreate", "RollingUpdate");
    }
  }

  /** A number or a percentage. */
  private static void amount(Check rolling, String field) {
    rolling.nonNegative(field);
    String text = rolling.text(field);
    if (rolling.get(field) instanceof String && !PERCENT.matcher(text).matches()) {
      rolling.invalid(
          field,
          text,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', "
              + " or '93%', regex used for validation is '[0-9]+%')");
    }
  }

  private static int percent(@Nullable Object amount) {
    return amount instanceof String text && PERCENT.matcher(text).matches() && text.length() < 9
        ? Integer.parseInt(text.substring(0, text.length() - 1))
        : -1;
  }

  private static boolean isZero(@Nullable Object amount) {
    return Objects.equals(amount, 0L) || percent(amount) == 0;
  }

  private static void selector(Check spec, String kind, boolean needed) {
    Map<String, Object> selector = spec.object("selector");
    if (selector == null) {
      if (needed) {
        spec.required("selector", "");
      }
      return;
    }
    LabelSelectors.validate(spec.child("selector"));
    if (LabelSelectors.isEmpty(selector)) {
      spec.invalid("selector", selector, "empty selector is invalid for " + kind);
    }
  }

  /** The template is one of pods that this selects and that keep running. */
  private static void template(Check spec, String kind) {
    Map<String, Object> selector = spec.object("selector");
    Map<String, Object> labels = spec.object("template.metadata.labels");
    boolean everything = selector != null && LabelSelectors.isEmpty(selector);
    if (!everything && !LabelSelectors.matches(selector, labels)) {
      spec.invalid(
          "template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
    PodRules.template(spec.child("template"));
    PodRules.keepsRunning(spec.child("template.spec"), kind);
  }

  private static TypeRules replicaSets() {
    return workload()
        .defaults(object -> Trees.preset(Trees.child(object, "spec"), "replicas", 1L))
        .valid(
            check -> {
              Check spec = check.child("spec");
              spec.nonNegative("replicas", "minReadySeconds");
              // Those are the real server's words for ReplicaSets too.
              selector(spec, "deployment", true);
              template(spec, "ReplicaSet");
            })
        .immutable("spec.selector");
  }

  private static TypeRules daemonSets() {
    return workload()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              rollingUpdate(Trees.child(spec, "updateStrategy"), 1L, 0L);
              Trees.preset(spec, "revisionHistoryLimit", 10L);
              // Before it is counted it shows as 0 already, so that its writer owns it.
              Trees.preset(
                  Trees.child(MetadataRules.metadata(object), "annotations"),
                  TEMPLATE_GENERATION,
                  "0");
            })
        .creation(object -> templateGeneration(object, 1))
        .update(
            (object, old) -> {
              long generation = templateGeneration(old);
              boolean changed =
                  !Objects.equals(
                      Json.get(object, "spec", "template"), Json.get(old, "spec", "template"));
              templateGeneration(object, changed ? generation + 1 : generation);
            })
        .valid(
            check -> {
              Check spec = check.child("spec");
              spec.nonNegative("minReadySeconds", "revisionHistoryLimit");
              selector(spec, "daemonset", false);
              template(spec, "DaemonSet");
              Check strategy = spec.child("updateStrategy");
              if (strategy.text("type").equals("RollingUpdate")) {
                amount(strategy.child("rollingUpdate"), "maxUnavailable");
                amount(strategy.child("rollingUpdate"), "maxSurge");
              } else {
                strategy.oneOf("type", "RollingUpdate", "OnDelete");
              }
            })
        .immutable("spec.selector");
  }

  private static long templateGeneration(Map<String, Object> object) {
    String text = Json.text(object, "metadata", "annotations", TEMPLATE_GENERATION);
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 1;
  }

  private static void templateGeneration(Map<String, Object> object, long generation) {
    Trees.child(MetadataRules.metadata(object), "annotations")
        .put(TEMPLATE_GENERATION, Long.toString(generation));
  }

  private static TypeRules statefulSets() {
    return workload()
        .named(Names::label)
        .defaults(WorkloadTypes::statefulSetDefaults)
        .valid(
            check -> {
              Check spec = check.child("spec");
              spec.nonNegative(
                  "replicas", "minReadySeconds", "ordinals.start", "revisionHistoryLimit");
              String policy = spec.text("podManagementPolicy");
              if (!List.of("OrderedReady", "Parallel").contains(policy)) {
                spec.invalid("podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
              }
              updateStrategy(spec);
              selector(spec, "statefulset", true);
              template(spec, "StatefulSet");
            })
        .change(
            (next, old) -> {
              if (!fixed(next.object("spec")).equals(fixed(Json.object(old, "spec")))) {
                next.forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals',"
                        + " 'template', 'updateStrategy', 'revisionHistoryLimit',"
                        + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are"
                        + " forbidden");
              }
            });
  }

  private static void updateStrategy(Check spec) {
    Check strategy = spec.child("updateStrategy");
    switch (strategy.text("type")) {
      case "OnDelete" -> {
        if (strategy.has("rollingUpdate")) {
          strategy.invalid(
              "rollingUpdate",
              strategy.get("rollingUpdate"),
              "only allowed for updateStrategy 'RollingUpdate'");
        }
      }
      case "RollingUpdate" -> strategy.nonNegative("rollingUpdate.partition");
      default ->
          spec.add(
              Cause.invalid(
                  spec.field("updateStrategy"),
                  strategy.get(""),
                  "must be 'RollingUpdate' or 'OnDelete'"));
    }
  }

  private static void statefulSetDefaults(Map<String, Object> object) {
    Map<String, Object> spec = Trees.child(object, "spec");
    Trees.preset(spec, "replicas", 1L);
    Trees.presetText(spec, "podManagementPolicy", "OrderedReady");
    Map<String, Object> strategy = Trees.child(spec, "updateStrategy");
    boolean named = !Json.text(strategy, "type").isEmpty();
    Trees.presetText(strategy, "type", "RollingUpdate");
    if (!named
        || (Json.text(strategy, "type").equals("RollingUpdate")
            && strategy.get("rollingUpdate") != null)) {
      Trees.preset(Trees.child(strategy, "rollingUpdate"), "partition", 0L);
    }
    Trees.preset(spec, "revisionHistoryLimit", 10L);
    Map<String, Object> retention = Trees.child(spec, "persistentVolumeClaimRetentionPolicy");
    Trees.presetText(retention, "whenDeleted", "Retain");
    Trees.presetText(retention, "whenScaled", "Retain");
    for (Object entry : Trees.items(spec, "volumeClaimTemplates")) {
      Map<String, Object> claim = Json.asObject(entry);
      if (claim != null) {
        Trees.presetText(claim, "kind", "PersistentVolumeClaim");
        Trees.presetText(claim, "apiVersion", "v1");
        ClaimStrategy.defaults(claim);
      }
    }
  }

  private static Map<String, Object> fixed(@Nullable Map<String, Object> spec) {
    Map<String, Object> rest = new HashMap<>();
    if (spec != null) {
      rest.putAll(spec);
    }
    rest.keySet().removeAll(STATEFUL_SET_CHANGES);
    return rest;
  }
}
