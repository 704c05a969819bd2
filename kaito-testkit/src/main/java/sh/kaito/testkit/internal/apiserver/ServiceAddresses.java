package sh.kaito.testkit.internal.apiserver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.handlers.Resources;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.json.Json;

/**
 * Cluster IPs ({@code 10.96.0.0/16}) and node ports (30000 to 32767) of Services. Those in use are
 * those of the stored Services, so a dry run or a refused write leaks none.
 */
final class ServiceAddresses implements Resources.Admission {
  private static final long FIRST_PORT = 30000;
  private static final long LAST_PORT = 32767;

  private final Set<String> usedIps = new HashSet<>();
  private final Set<Long> usedPorts = new HashSet<>();
  private int nextIp = 10;
  private long nextPort = FIRST_PORT;

  ServiceAddresses(Store store) {
    store.observe(this::onChange);
  }

  private synchronized void onChange(String storage, StoreEvent event) {
    if (!storage.equals("services")) {
      return;
    }
    if (event.previous() != null) {
      usedIps.remove(Json.text(event.previous().json(), "spec", "clusterIP"));
      ports(event.previous().json()).forEach(port -> usedPorts.remove(nodePort(port)));
    }
    if (event.type() != StoreEvent.Type.DELETED) {
      usedIps.add(Json.text(event.object().json(), "spec", "clusterIP"));
      ports(event.object().json()).forEach(port -> usedPorts.add(nodePort(port)));
    }
  }

  private static List<Object> ports(Map<String, Object> service) {
    List<Object> ports = Json.list(service, "spec", "ports");
    return ports == null ? List.of() : ports;
  }

  private static long nodePort(Object port) {
    return Json.integer(port, 0, "nodePort");
  }

  @Override
  public void admit(
      ResourceType type,
      String subresource,
      Map<String, Object> service,
      @Nullable Map<String, Object> old,
      boolean dryRun) {
    Map<String, Object> spec = Json.object(service, "spec");
    if (!type.storage().equals("services") || !subresource.isEmpty() || spec == null) {
      return;
    }
    String kind = Json.text(spec, "type");
    if (kind.equals("ExternalName")) {
      return;
    }
    if (old != null) {
      for (String field : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
        Object was = Json.get(old, "spec", field);
        Object now = spec.get(field);
        if ((now == null || now.equals("")) && was != null) {
          spec.put(field, was);
        }
      }
    }
    checkNodePorts(type, service, old);
    String ip = Json.text(spec, "clusterIP");
    checkIp(type, service, ip, old);
    if (ip.isEmpty()) {
      ip = freeIp();
      spec.put("clusterIP", ip);
    }
    if (spec.get("clusterIPs") == null) {
      spec.put("clusterIPs", new ArrayList<>(List.of(ip)));
    }
    boolean selectorless = ip.equals("None") && Json.object(spec, "selector") == null;
    // A headless Service without selector leaves the families to whoever writes its endpoints.
    spec.putIfAbsent(
        "ipFamilies", new ArrayList<>(selectorless ? List.of("IPv4", "IPv6") : List.of("IPv4")));
    spec.putIfAbsent("ipFamilyPolicy", selectorless ? "RequireDualStack" : "SingleStack");
    if (kind.equals("NodePort") || kind.equals("LoadBalancer")) {
      for (Object entry : ports(service)) {
        Map<String, Object> port = Json.asObject(entry);
        if (port != null && nodePort(port) == 0) {
          port.put("nodePort", freePort());
        }
      }
    }
  }

  private synchronized void checkIp(
      ResourceType type,
      Map<String, Object> service,
      String ip,
      @Nullable Map<String, Object> old) {
    boolean kept = old != null && ip.equals(Json.text(old, "spec", "clusterIP"));
    if (!kept && usedIps.contains(ip) && !ip.isEmpty() && !ip.equals("None")) {
      throw invalid(
          type,
          service,
          Cause.invalid(
              "spec.clusterIPs",
              List.of(ip),
              "failed to allocate IP " + ip + ": provided IP is already allocated"));
    }
  }

  private synchronized void checkNodePorts(
      ResourceType type, Map<String, Object> service, @Nullable Map<String, Object> old) {
    Set<Long> own = new HashSet<>();
    if (old != null) {
      ports(old).forEach(port -> own.add(nodePort(port)));
    }
    List<Object> ports = ports(service);
    for (int i = 0; i < ports.size(); i++) {
      long port = nodePort(ports.get(i));
      if (port == 0 || own.contains(port)) {
        continue;
      }
      String problem =
          port < FIRST_PORT || port > LAST_PORT
              ? "provided port is not in the valid range. The range of valid ports is "
                  + FIRST_PORT
                  + "-"
                  + LAST_PORT
              : usedPorts.contains(port) ? "provided port is already allocated" : "";
      if (!problem.isEmpty()) {
        throw invalid(
            type, service, Cause.invalid("spec.ports[" + i + "].nodePort", port, problem));
      }
    }
  }

  private static ApiFailure invalid(ResourceType type, Map<String, Object> service, Cause cause) {
    return ApiFailure.invalid(type, Json.text(service, "metadata", "name"), List.of(cause));
  }

  private synchronized String freeIp() {
    while (true) {
      int n = nextIp++;
      if (nextIp > 65000) {
        nextIp = 10;
      }
      String ip = "10.96." + n / 256 + "." + n % 256;
      if (n % 256 != 0 && n % 256 != 255 && !usedIps.contains(ip)) {
        return ip;
      }
    }
  }

  private synchronized long freePort() {
    while (true) {
      long port = nextPort++;
      if (nextPort > LAST_PORT) {
        nextPort = FIRST_PORT;
      }
      if (!usedPorts.contains(port)) {
        return port;
      }
    }
  }
}
