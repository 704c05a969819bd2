package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.json.Json;

/** What is refused in pods and pod templates. */
final class PodRules {
  private PodRules() {}

  /** Complaints about a template, {@code spec.template}. */
  static void template(Check template) {
    template.labels("metadata.labels", "labels");
    template.annotations("metadata.annotations", "annotations");
    spec(template.child("spec"));
  }

  /** Controllers that keep pods running have templates that restart and have no deadline. */
  static void keepsRunning(Check spec, String kind) {
    alwaysRestarts(spec);
    if (spec.has("activeDeadlineSeconds")) {
      spec.forbidden(
          "activeDeadlineSeconds", "activeDeadlineSeconds in " + kind + " is not Supported");
    }
  }

  static void alwaysRestarts(Check spec) {
    spec.oneOf("restartPolicy", "Always");
  }

  /** Complaints about a pod's spec. */
  static void spec(Check spec) {
    Set<String> volumes = volumes(spec);
    Set<String> names = new HashSet<>();
    List<Check> containers = spec.items("containers");
    if (containers.isEmpty()) {
      spec.required("containers", "");
    }
    for (Check container : containers) {
      ContainerRules.check(container, volumes, names);
    }
    for (Check container : spec.items("initContainers")) {
      ContainerRules.check(container, volumes, names);
      if (!container.text("restartPolicy").equals("Always")) {
        for (String field :
            List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
          if (container.has(field)) {
            container.forbidden(
                field, "must not be set for init containers without restartPolicy=Always");
          }
        }
      }
    }
    spec.oneOf("restartPolicy", "Always", "Never", "OnFailure");
    spec.oneOf("dnsPolicy", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
    if (spec.get("activeDeadlineSeconds") instanceof Long seconds
        && (seconds < 1 || seconds > Integer.MAX_VALUE)) {
      spec.invalid("activeDeadlineSeconds", seconds, "must be between 1 and 2147483647, inclusive");
    }
    spec.labels("nodeSelector", "nodeSelector");
    spec.form("serviceAccountName", Names::subdomain);
    spec.form("nodeName", Names::subdomain);
    spec.form("hostname", Names::label);
    spec.form("subdomain", Names::label);
    spec.form("priorityClassName", Names::subdomain);
    spec.items("tolerations").forEach(PodRules::toleration);
  }

  private static void toleration(Check toleration) {
    toleration.form("key", Names::qualified);
    String operator = toleration.text("operator");
    boolean exists = operator.equals("Exists");
    if (toleration.text("key").isEmpty() && !exists) {
      toleration.invalid(
          "operator",
          operator,
          "operator must be Exists when `key` is empty, which means \"match all values and all"
              + " keys\"");
    }
    if (toleration.has("tolerationSeconds") && !toleration.text("effect").equals("NoExecute")) {
      toleration.invalid(
          "effect",
          toleration.text("effect"),
          "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (exists && !toleration.text("value").isEmpty()) {
      toleration.invalid(
          "operator", toleration.get(""), "value must be empty when `operator` is 'Exists'");
    }
    if (operator.isEmpty() || operator.equals("Equal")) {
      toleration.form("value", Names::labelValue);
    } else if (!exists) {
      toleration.oneOf("operator", "Equal", "Exists");
    }
    taintEffect(toleration, false);
  }

  static void taintEffect(Check taint, boolean needed) {
    String effect = taint.text("effect");
    if (effect.isEmpty()) {
      if (needed) {
        taint.required("effect", "");
      }
    } else {
      taint.oneOf("effect", "NoSchedule", "PreferNoSchedule", "NoExecute");
    }
  }

  private static Set<String> volumes(Check spec) {
    Set<String> names = new HashSet<>();
    for (Check volume : spec.items("volumes")) {
      String name = volume.text("name");
      volume.present("name").form("name", Names::label);
      if (!name.isEmpty() && !names.add(name)) {
        volume.add(Cause.duplicate(volume.field("name"), name));
      }
      Map<String, Object> fields = volume.object("");
      List<String> sources =
          fields == null
              ? List.of()
              : fields.keySet().stream().filter(field -> !field.equals("name")).toList();
      if (sources.isEmpty()) {
        volume.required("", "must specify a volume type");
      }
      for (String second : sources.subList(Math.min(1, sources.size()), sources.size())) {
        volume.forbidden(second, "may not specify more than 1 volume type");
      }
      for (String field :
          List.of(
              "configMap.name",
              "secret.secretName",
              "persistentVolumeClaim.claimName",
              "hostPath.path",
              "nfs.server",
              "nfs.path")) {
        if (volume.has(field.substring(0, field.indexOf('.')))) {
          volume.present(field);
        }
      }
    }
    return names;
  }

  /** Warnings about a new or changed template. */
  static List<String> templateWarnings(
      Check template, @Nullable Map<String, Object> old, String... path) {
    return old != null && Objects.equals(template.get(""), Json.get(old, path))
        ? List.of()
        : warnings(template.child("spec"));
  }

  /** A warning where a name becomes that of a host. */
  static List<String> hostname(Check object, String use) {
    List<String> problems = Names.label(object.text("metadata.name"));
    return problems.isEmpty()
        ? List.of()
        : List.of(
            "metadata.name: this is used in "
                + use
                + ", which can result in surprising behavior; a DNS label is recommended: ["
                + String.join(" ", problems)
                + "]");
  }

  /** Warnings about a pod's spec, as {@code pkg/api/pod/warnings.go} words them. */
  static List<String> warnings(Check spec) {
    return Stream.of("initContainers", "containers")
        .flatMap(kind -> spec.items(kind).stream())
        .flatMap(container -> ContainerRules.warnings(container).stream())
        .collect(Collectors.toList());
  }
}
