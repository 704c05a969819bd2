package sh.kaito.testkit.internal.apiserver.strategy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.Quantity;

/** What is refused in one container of a pod. */
final class ContainerRules {
  private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");

  private static final List<String> HANDLERS = List.of("exec", "httpGet", "tcpSocket", "grpc");

  private ContainerRules() {}

  /**
   * Checks a container.
   *
   * @param volumes names of the pod's volumes
   * @param names names of the containers before, to which this one's is added
   */
  static void check(Check container, Set<String> volumes, Set<String> names) {
    String name = container.text("name");
    container.present("name").form("name", Names::label);
    if (!name.isEmpty() && !names.add(name)) {
      container.add(Cause.duplicate(container.field("name"), name));
    }
    String image = container.text("image");
    if (image.isEmpty()) {
      container.required("image", "");
    } else if (!image.equals(image.strip())) {
      container.invalid("image", image, "must not have leading or trailing whitespace");
    }
    container.oneOf("imagePullPolicy", "Always", "IfNotPresent", "Never");
    container.oneOf("terminationMessagePolicy", "FallbackToLogsOnError", "File");
    container.items("env").forEach(ContainerRules::variable);
    container.items("envFrom").forEach(ContainerRules::variables);
    ports(container);
    mounts(container, volumes);
    for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
      if (container.has(probe)) {
        probe(container.child(probe), !probe.startsWith("readiness"));
      }
    }
    for (String hook : List.of("lifecycle.postStart", "lifecycle.preStop")) {
      if (container.has(hook)) {
        handler(container.child(hook), List.of("exec", "httpGet", "tcpSocket", "sleep"));
      }
    }
    resources(container.child("resources"));
    if (container.isTrue("securityContext.privileged")
        && Boolean.FALSE.equals(container.get("securityContext.allowPrivilegeEscalation"))) {
      container.invalid(
          "securityContext",
          container.get("securityContext"),
          "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
  }

  private static void variable(Check variable) {
    variable.present("name").form("name", Names::environmentVariable);
    Map<String, Object> from = variable.object("valueFrom");
    if (from == null) {
      return;
    }
    if (from.isEmpty()) {
      variable.invalid(
          "valueFrom",
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or"
              + " `secretKeyRef`");
    } else if (!variable.text("value").isEmpty()) {
      variable.invalid("valueFrom", "", "may not be specified when `value` is not empty");
    } else if (from.size() > 1) {
      variable.invalid("valueFrom", "", "may not have more than one field specified at a time");
    }
    for (String kind : List.of("configMapKeyRef", "secretKeyRef")) {
      if (variable.has("valueFrom." + kind)) {
        variable.present("valueFrom." + kind + ".name", "valueFrom." + kind + ".key");
      }
    }
    if (variable.has("valueFrom.fieldRef")) {
      variable.present("valueFrom.fieldRef.fieldPath");
    }
  }

  private static void variables(Check source) {
    boolean any = false;
    for (String kind : List.of("configMapRef", "secretRef")) {
      if (source.has(kind)) {
        any = true;
        source.present(kind + ".name");
      }
    }
    if (!any) {
      source.invalid("", "", "must specify one of: `configMapRef` or `secretRef`");
    }
  }

  private static void ports(Check container) {
    Set<String> names = new HashSet<>();
    for (Check port : container.items("ports")) {
      String name = port.text("name");
      port.form("name", Names::port);
      if (!name.isEmpty() && !names.add(name)) {
        port.add(Cause.duplicate(port.field("name"), name));
      }
      if (port.number("containerPort") == 0) {
        port.required("containerPort", "");
      } else {
        port.port("containerPort");
      }
      if (port.number("hostPort") != 0) {
        port.port("hostPort");
      }
      port.present("protocol");
      if (!port.text("protocol").isEmpty()) {
        port.oneOf("protocol", "SCTP", "TCP", "UDP");
      }
    }
  }

  private static void mounts(Check container, Set<String> volumes) {
    Set<String> paths = new HashSet<>();
    for (Check mount : container.items("volumeMounts")) {
      String name = mount.text("name");
      String path = mount.text("mountPath");
      mount.present("name", "mountPath");
      if (!volumes.contains(name)) {
        mount.add(Cause.notFound(mount.field("name"), name));
      }
      if (!paths.add(path)) {
        mount.invalid("mountPath", path, "must be unique");
      }
    }
  }

  private static void probe(Check probe, boolean succeedsAtOnce) {
    handler(probe, HANDLERS);
    probe.nonNegative(
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold");
    if (succeedsAtOnce && probe.number("successThreshold") != 1) {
      probe.invalid("successThreshold", probe.number("successThreshold"), "must be 1");
    }
  }

  private static void handler(Check handler, List<String> kinds) {
    int count = 0;
    for (String kind : kinds) {
      if (!handler.has(kind)) {
        continue;
      }
      if (++count > 1) {
        handler.forbidden(kind, "may not specify more than 1 handler type");
        continue;
      }
      switch (kind) {
        case "exec" -> {
          if (handler.items("exec.command").isEmpty()) {
            handler.required("exec.command", "");
          }
        }
        case "httpGet" -> {
          handler.present("httpGet.path").port("httpGet.port");
          handler.oneOf("httpGet.scheme", "HTTP", "HTTPS");
          handler.form("httpGet.port", Names::port);
        }
        case "tcpSocket" -> handler.port("tcpSocket.port").form("tcpSocket.port", Names::port);
        default -> {
          // grpc and sleep are numbers that their type has checked.
        }
      }
    }
    if (count == 0) {
      handler.required("", "must specify a handler type");
    }
  }

  private static void resources(Check resources) {
    Map<String, Object> limits = resources.object("limits");
    Map<String, Object> requests = resources.object("requests");
    amounts(resources, "limits", limits);
    amounts(resources, "requests", requests);
    if (requests == null) {
      return;
    }
    requests.forEach(
        (name, amount) -> {
          Object limit = limits == null ? null : limits.get(name);
          boolean whole = isExtended(name);
          if (limit == null) {
            if (whole) {
              resources.required("limits", "Limit must be set for non overcommitable resources");
            }
            return;
          }
          int compared = value(amount).compareTo(value(limit));
          if (whole && compared != 0) {
            resources.invalid(
                "requests", amount, "must be equal to " + name + " limit of " + limit);
          } else if (compared > 0) {
            resources.invalid(
                "requests", amount, "must be less than or equal to " + name + " limit of " + limit);
          }
        });
  }

  private static BigDecimal value(Object amount) {
    return Quantity.parse(amount.toString()).value();
  }

  private static boolean isExtended(String name) {
    return name.contains("/") || name.startsWith("hugepages-");
  }

  private static void amounts(
      Check resources, String field, @Nullable Map<String, Object> amounts) {
    if (amounts == null) {
      return;
    }
    amounts.forEach(
        (name, amount) -> {
          String at = field + "[" + name + "]";
          Names.qualified(name).forEach(problem -> resources.invalid(at, name, problem));
          if (!name.contains("/") && !STANDARD.contains(name) && !name.startsWith("hugepages-")) {
            resources.invalid(at, name, "must be a standard resource type or fully qualified");
            resources.invalid(at, name, "must be a standard resource for containers");
          }
          BigDecimal value = value(amount);
          if (value.signum() < 0) {
            resources.invalid(at, amount, "must be greater than or equal to 0");
          }
          if (name.contains("/") && value.stripTrailingZeros().scale() > 0) {
            resources.invalid(at, amount, "must be an integer");
          }
        });
  }

  /** Warnings about names that hide others. */
  static List<String> warnings(Check container) {
    List<String> warnings = new ArrayList<>();
    Map<String, Integer> variables = new HashMap<>();
    List<Check> list = container.items("env");
    for (int i = 0; i < list.size(); i++) {
      Check variable = list.get(i);
      String name = variable.text("name");
      if (variables.put(name, i) != null) {
        warnings.add(
            variable.field("")
                + ": hides previous definition of "
                + Quoting.go(name)
                + ", which may be dropped when using apply");
      }
    }
    Map<String, Check> ports = new HashMap<>();
    for (Check port : container.items("ports")) {
      String key = Json.writeString(List.of(port.number("containerPort"), port.text("protocol")));
      Check first = ports.putIfAbsent(key, port);
      if (first != null) {
        warnings.add(port.field("") + ": duplicate port definition with " + first.field(""));
      }
    }
    return warnings;
  }
}
