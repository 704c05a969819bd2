package sh.kaito.testkit.internal.apiserver.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Cells of types that few look at in tables: ingresses, quotas, autoscalers. */
final class RareCells {
  private RareCells() {}

  /** One field of each item of a list. */
  static String join(Map<String, Object> o, String field, String... path) {
    List<String> texts = new ArrayList<>();
    BuiltInPrinter.items(o, path).forEach(item -> texts.add(Json.text(item, field)));
    return String.join(",", texts);
  }

  static Object orUnset(@Nullable Object value) {
    return value == null ? "<unset>" : value.toString();
  }

  /** What of a quota is used, of limits or of all the rest. */
  static String quota(Map<String, Object> o, boolean limits) {
    List<String> texts = new ArrayList<>();
    Map<String, Object> hard = Json.object(o, "status", "hard");
    if (hard != null) {
      new TreeMap<>(hard)
          .forEach(
              (name, amount) -> {
                if (name.startsWith("limits.") == limits) {
                  Object used = Json.get(o, "status", "used", name);
                  texts.add(name + ": " + (used == null ? "0" : used) + "/" + amount);
                }
              });
    }
    return String.join(", ", texts);
  }

  /** Hosts of an ingress; all when no rule names one. */
  static String hosts(Map<String, Object> o) {
    List<String> hosts = new ArrayList<>();
    int more = 0;
    for (Object rule : BuiltInPrinter.items(o, "spec", "rules")) {
      String host = Json.text(rule, "host");
      if (hosts.size() == 3) {
        more++;
      } else if (!host.isEmpty()) {
        hosts.add(host);
      }
    }
    String text = String.join(",", hosts);
    return hosts.isEmpty() ? "*" : more > 0 ? text + " + " + more + " more..." : text;
  }

  static String addresses(Map<String, Object> o) {
    List<String> addresses = new ArrayList<>();
    for (Object ingress : BuiltInPrinter.items(o, "status", "loadBalancer", "ingress")) {
      String ip = Json.text(ingress, "ip");
      addresses.add(ip.isEmpty() ? Json.text(ingress, "hostname") : ip);
    }
    return String.join(",", addresses);
  }

  static String parameters(Map<String, Object> o) {
    Map<String, Object> parameters = Json.object(o, "spec", "parameters");
    if (parameters == null) {
      return "<none>";
    }
    String group = Json.text(parameters, "apiGroup");
    return Json.text(parameters, "kind")
        + (group.isEmpty() ? "" : "." + group)
        + "/"
        + Json.text(parameters, "name");
  }

  /** Current and wanted values of an autoscaler's resource metrics. */
  static String targets(Map<String, Object> o) {
    List<String> targets = new ArrayList<>();
    for (Object metric : BuiltInPrinter.items(o, "spec", "metrics")) {
      String name = Json.text(metric, "resource", "name");
      Object utilization = Json.get(metric, "resource", "target", "averageUtilization");
      Object value = Json.get(metric, "resource", "target", "averageValue");
      targets.add(
          (name.isEmpty() ? Json.text(metric, "type") : name)
              + ": <unknown>/"
              + (utilization != null ? utilization + "%" : String.valueOf(value)));
    }
    return targets.isEmpty() ? "<none>" : String.join(", ", targets);
  }
}
