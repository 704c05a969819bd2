package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.json.Json;

/** What is refused in Services, and what goes when their type changes. */
final class ServiceRules {
  private static final Set<String> WITH_NODE_PORTS = Set.of("NodePort", "LoadBalancer");

  private ServiceRules() {}

  static void validate(Check spec) {
    String kind = spec.text("type");
    boolean external = kind.equals("ExternalName");
    boolean headless = spec.text("clusterIP").equals("None");
    spec.oneOf("type", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
    List<Check> ports = spec.items("ports");
    if (ports.isEmpty() && !headless && !external) {
      spec.required("ports", "");
    }
    if (external) {
      if (!Trees.items(spec.get("clusterIPs")).isEmpty() || !spec.text("clusterIP").isEmpty()) {
        spec.forbidden("clusterIPs", "may not be set when `type` is 'ExternalName'");
      }
      String name = spec.text("externalName");
      if (name.isEmpty()) {
        spec.required("externalName", "");
      } else {
        String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        Names.subdomain(plain).forEach(problem -> spec.invalid("externalName", name, problem));
      }
    } else if (headless && WITH_NODE_PORTS.contains(kind)) {
      spec.invalid("clusterIPs[0]", "None", "may not be set to 'None' for " + kind + " services");
    }
    ports(ports, kind);
    spec.labels("selector", "selector");
    String affinity = spec.text("sessionAffinity");
    if (affinity.isEmpty()) {
      spec.required("sessionAffinity", "");
    } else {
      spec.oneOf("sessionAffinity", "ClientIP", "None");
    }
    affinity(spec, affinity);
    if (!spec.text("externalTrafficPolicy").isEmpty()) {
      if (WITH_NODE_PORTS.contains(kind) || !Trees.items(spec.get("externalIPs")).isEmpty()) {
        spec.oneOf("externalTrafficPolicy", "Cluster", "Local");
      } else {
        spec.invalid(
            "externalTrafficPolicy",
            spec.get("externalTrafficPolicy"),
            "may only be set for externally-accessible services");
      }
    }
    if (spec.has("allocateLoadBalancerNodePorts") && !kind.equals("LoadBalancer")) {
      spec.forbidden(
          "allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
    }
    spec.oneOf("internalTrafficPolicy", "Cluster", "Local");
  }

  private static void affinity(Check spec, String affinity) {
    String seconds = "sessionAffinityConfig.clientIP.timeoutSeconds";
    if (affinity.equals("None") && spec.has("sessionAffinityConfig")) {
      spec.forbidden("sessionAffinityConfig", "must not be set when session affinity is None");
    } else if (spec.get(seconds) instanceof Long value && (value < 1 || value > 86400)) {
      spec.invalid(seconds, value, "must be greater than 0 and less than 86400");
    }
  }

  private static void ports(List<Check> ports, String kind) {
    Set<String> names = new HashSet<>();
    Set<String> numbers = new HashSet<>();
    Set<String> nodePorts = new HashSet<>();
    for (Check port : ports) {
      String name = port.text("name");
      if (name.isEmpty()) {
        if (ports.size() > 1) {
          port.required("name", "");
        }
      } else {
        port.form("name", Names::label);
        if (!names.add(name)) {
          port.add(Cause.duplicate(port.field("name"), name));
        }
      }
      long number = port.number("port");
      if (number < 1 || number > 65535) {
        port.invalid("port", number, "must be between 1 and 65535, inclusive");
      }
      String protocol = port.text("protocol");
      port.oneOf("protocol", "SCTP", "TCP", "UDP");
      port.port("targetPort").form("targetPort", Names::port);
      if (!numbers.add(protocol + "/" + number)) {
        port.add(Cause.duplicate(port.field(""), shown(protocol, number, 0)));
      }
      long nodePort = port.number("nodePort");
      if (nodePort == 0) {
        continue;
      }
      if (!WITH_NODE_PORTS.contains(kind)) {
        port.forbidden("nodePort", "may not be used when `type` is '" + kind + "'");
      } else if (!nodePorts.add(protocol + "/" + nodePort)) {
        port.add(Cause.duplicate(port.field(""), shown(protocol, 0, nodePort)));
      }
    }
  }

  /** As Go prints the internal type, which has no JSON names. */
  private static Map<String, Object> shown(String protocol, long port, long nodePort) {
    return Json.objectOf(
        "Name",
        "",
        "Protocol",
        protocol,
        "AppProtocol",
        null,
        "Port",
        port,
        "TargetPort",
        0L,
        "NodePort",
        nodePort);
  }

  /** What the old type needed and the new one does not goes, unless the client changed it. */
  static void dropForType(Map<String, Object> spec, @Nullable Map<String, Object> old) {
    String was = Json.text(old, "type");
    String now = Json.text(spec, "type");
    if (old == null || was.equals(now)) {
      return;
    }
    if (now.equals("ExternalName") && same(spec, old, "clusterIP")) {
      for (String field :
          List.of(
              "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")) {
        if (same(spec, old, field)) {
          spec.remove(field);
        }
      }
    }
    if (was.equals("ExternalName") && same(spec, old, "externalName")) {
      spec.remove("externalName");
    }
    if (was.equals("LoadBalancer")) {
      for (String field : List.of("allocateLoadBalancerNodePorts", "loadBalancerClass")) {
        if (same(spec, old, field)) {
          spec.remove(field);
        }
      }
    }
    if (WITH_NODE_PORTS.contains(was) && !WITH_NODE_PORTS.contains(now)) {
      if (same(spec, old, "externalTrafficPolicy")) {
        spec.remove("externalTrafficPolicy");
      }
      Set<Object> before = new HashSet<>();
      Trees.items(old, "ports").forEach(port -> before.add(Json.integer(port, 0, "nodePort")));
      for (Object entry : Trees.items(spec, "ports")) {
        Map<String, Object> port = Json.asObject(entry);
        if (port != null && before.contains(Json.integer(port, 0, "nodePort"))) {
          port.remove("nodePort");
        }
      }
    }
  }

  private static boolean same(Map<String, Object> spec, Map<String, Object> old, String field) {
    return Objects.equals(spec.get(field), old.get(field));
  }
}
