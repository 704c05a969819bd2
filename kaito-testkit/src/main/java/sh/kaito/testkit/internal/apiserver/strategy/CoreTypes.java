package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.json.Json;

/** Types of the core group that are told by rules alone. */
final class CoreTypes {
  private CoreTypes() {}

  static void addTo(Map<String, Strategy> table) {
    table.put("serviceaccounts", new TypeRules().returnsDeleted());
    table.put("podtemplates", podTemplates());
    table.put("replicationcontrollers", replicationControllers());
    table.put("persistentvolumes", persistentVolumes());
    table.put("nodes", nodes());
    table.put("endpoints", endpoints());
    table.put("limitranges", limitRanges());
    table.put("resourcequotas", resourceQuotas());
  }

  private static TypeRules podTemplates() {
    return new TypeRules()
        .returnsDeleted()
        .generation("template")
        .defaults(object -> PodDefaults.template(Trees.child(object, "template")))
        .valid(check -> PodRules.template(check.child("template")));
  }

  private static TypeRules replicationControllers() {
    return new TypeRules()
        .generation()
        .orphans()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              Trees.preset(spec, "replicas", 1L);
              Map<String, Object> template = Json.object(spec, "template");
              if (template == null) {
                return;
              }
              PodDefaults.template(template);
              Map<String, Object> labels = Json.object(template, "metadata", "labels");
              if (labels != null) {
                Trees.preset(spec, "selector", Json.copyObject(labels));
                Trees.preset(MetadataRules.metadata(object), "labels", Json.copyObject(labels));
              }
            })
        .valid(
            check -> {
              check.nonNegative("spec.replicas", "spec.minReadySeconds");
              Map<String, Object> selector = check.object("spec.selector");
              if (selector == null || selector.isEmpty()) {
                check.required("spec.selector", "");
              }
              if (!check.has("spec.template")) {
                check.required("spec.template", "");
                return;
              }
              Map<String, Object> labels = check.object("spec.template.metadata.labels");
              if (selector != null
                  && (labels == null || !labels.entrySet().containsAll(selector.entrySet()))) {
                check.invalid(
                    "spec.template.metadata.labels",
                    labels,
                    "`selector` does not match template `labels`");
              }
              PodRules.template(check.child("spec.template"));
              PodRules.alwaysRestarts(check.child("spec.template.spec"));
            });
  }

  private static TypeRules persistentVolumes() {
    Set<String> notSources =
        Set.of(
            "capacity",
            "accessModes",
            "claimRef",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "mountOptions",
            "volumeMode",
            "nodeAffinity",
            "volumeAttributesClassName");
    return new TypeRules()
        .returnsDeleted()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              Trees.presetText(spec, "persistentVolumeReclaimPolicy", "Retain");
              Trees.preset(spec, "volumeMode", "Filesystem");
              Map<String, Object> hostPath = Json.object(spec, "hostPath");
              if (hostPath != null) {
                Trees.preset(hostPath, "type", "");
              }
            })
        .creation(
            object -> {
              object.put("status", Json.objectOf("phase", "Pending"));
              Trees.addFinalizer(object, "kubernetes.io/pv-protection");
            })
        .valid(
            check -> {
              Check spec = check.child("spec");
              List<Object> modes = Trees.items(spec.get("accessModes"));
              if (modes.isEmpty()) {
                spec.required("accessModes", "");
              }
              Map<String, Object> capacity = spec.object("capacity");
              if (capacity == null || capacity.isEmpty()) {
                spec.required("capacity", "");
              }
              if (capacity == null || !capacity.containsKey("storage") || capacity.size() > 1) {
                spec.add(
                    Cause.unsupported(
                        spec.field("capacity"), capacity == null ? Map.of() : capacity, "storage"));
              }
              Map<String, Object> fields = spec.object("");
              long sources =
                  fields == null
                      ? 0
                      : fields.keySet().stream().filter(f -> !notSources.contains(f)).count();
              if (sources == 0) {
                spec.required("", "must specify a volume type");
              }
              spec.oneOf("persistentVolumeReclaimPolicy", "Delete", "Recycle", "Retain");
              spec.oneOf("volumeMode", "Block", "Filesystem");
            })
        .change(
            (next, old) -> {
              Map<String, Object> now = sources(next.object("spec"), notSources);
              if (!now.equals(sources(Json.object(old, "spec"), notSources))) {
                next.forbidden(
                    "spec.persistentvolumesource",
                    "spec.persistentvolumesource is immutable after creation");
              }
              next.immutable(old, "spec.volumeMode");
            });
  }

  private static Map<String, Object> sources(
      @org.jspecify.annotations.Nullable Map<String, Object> spec, Set<String> notSources) {
    Map<String, Object> result = Json.newObject();
    if (spec != null) {
      result.putAll(spec);
      result.keySet().removeAll(notSources);
    }
    return result;
  }

  private static TypeRules nodes() {
    return new TypeRules()
        .createdWithStatus()
        .defaults(
            object -> {
              Map<String, Object> status = Json.object(object, "status");
              if (status != null && status.get("allocatable") == null) {
                Object capacity = status.get("capacity");
                if (capacity != null) {
                  status.put("allocatable", Json.deepCopy(capacity));
                }
              }
            })
        .valid(
            check -> {
              Set<String> seen = new HashSet<>();
              for (Check taint : check.items("spec.taints")) {
                String key = taint.text("key");
                sh.kaito.testkit.internal.apiserver.Names.qualified(key)
                    .forEach(problem -> taint.invalid("key", key, problem));
                PodRules.taintEffect(taint, true);
                if (!seen.add(key + ":" + taint.text("effect"))) {
                  taint.add(Cause.duplicate(taint.field(""), shownTaint(taint)));
                }
              }
            });
  }

  /** As Go prints the internal type, which has no JSON names. */
  private static Map<String, Object> shownTaint(Check taint) {
    return Json.objectOf(
        "Key", taint.text("key"),
        "Value", taint.text("value"),
        "Effect", taint.text("effect"),
        "TimeAdded", taint.get("timeAdded"));
  }

  private static TypeRules endpoints() {
    return new TypeRules()
        .putCreates()
        .defaults(
            object -> {
              for (Object subset : Trees.items(object, "subsets")) {
                for (Object entry : Trees.items(subset, "ports")) {
                  Map<String, Object> port = Json.asObject(entry);
                  if (port != null) {
                    Trees.presetText(port, "protocol", "TCP");
                  }
                }
              }
            })
        .valid(
            check -> {
              for (Check subset : check.items("subsets")) {
                if (Trees.items(subset.get("addresses")).isEmpty()
                    && Trees.items(subset.get("notReadyAddresses")).isEmpty()) {
                  subset.required("", "must specify `addresses` or `notReadyAddresses`");
                }
                List<Check> ports = subset.items("ports");
                for (Check port : ports) {
                  if (ports.size() > 1) {
                    port.present("name");
                  }
                  if (!port.has("port")) {
                    port.invalid("port", 0L, "must be between 1 and 65535, inclusive");
                  }
                  port.port("port").oneOf("protocol", "SCTP", "TCP", "UDP");
                }
              }
            });
  }

  private static TypeRules limitRanges() {
    return new TypeRules()
        .putCreates()
        .defaults(
            object -> {
              for (Object entry : Trees.items(object, "spec", "limits")) {
                Map<String, Object> limit = Json.asObject(entry);
                if (limit != null && Json.text(limit, "type").equals("Container")) {
                  fill(limit, "default", "max");
                  fill(limit, "defaultRequest", "default");
                  fill(limit, "defaultRequest", "min");
                }
              }
            })
        .valid(
            check -> {
              Set<String> kinds = new HashSet<>();
              for (Check limit : check.items("spec.limits")) {
                String kind = limit.text("type");
                if (!kinds.add(kind)) {
                  limit.add(Cause.duplicate(limit.field("type"), kind));
                }
                if (kind.equals("Pod")) {
                  for (String field : List.of("default", "defaultRequest")) {
                    if (limit.has(field)) {
                      limit.forbidden(field, "may not be specified when `type` is 'Pod'");
                    }
                  }
                }
              }
            });
  }

  private static void fill(Map<String, Object> limit, String field, String from) {
    Map<String, Object> source = Json.object(limit, from);
    if (source != null && !source.isEmpty()) {
      Map<String, Object> target = Trees.child(limit, field);
      source.forEach(target::putIfAbsent);
    }
  }

  private static TypeRules resourceQuotas() {
    return new TypeRules()
        .returnsDeleted()
        .creation(object -> object.put("status", Json.newObject()))
        .change(
            (next, old) -> {
              Set<Object> now = new HashSet<>(Trees.items(next.get("spec.scopes")));
              Set<Object> was = new HashSet<>(Trees.items(old, "spec", "scopes"));
              if (!Objects.equals(now, was)) {
                next.invalid(
                    "spec.scopes",
                    new ArrayList<>(Trees.items(next.get("spec.scopes"))),
                    "field is immutable");
              }
            });
  }
}
