package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Services: defaults of ports and addresses; the addresses themselves are allocated elsewhere. */
final class ServiceStrategy extends Strategy {

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    object.put("status", Json.objectOf("loadBalancer", Json.newObject()));
  }

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    Map<String, Object> spec = Json.object(object, "spec");
    if (spec == null) {
      spec = Json.newObject();
      object.put("spec", spec);
    }
    spec.putIfAbsent("sessionAffinity", "None");
    spec.putIfAbsent("type", "ClusterIP");
    String kind = Json.text(spec, "type");
    if (!kind.equals("ExternalName")) {
      spec.putIfAbsent("internalTrafficPolicy", "Cluster");
    }
    if (kind.equals("NodePort") || kind.equals("LoadBalancer")) {
      spec.putIfAbsent("externalTrafficPolicy", "Cluster");
    }
    if (kind.equals("LoadBalancer")) {
      spec.putIfAbsent("allocateLoadBalancerNodePorts", true);
    }
    List<Object> ports = Json.list(spec, "ports");
    if (ports != null) {
      for (Object entry : ports) {
        Map<String, Object> port = Json.asObject(entry);
        if (port != null) {
          port.putIfAbsent("protocol", "TCP");
          Object target = port.get("targetPort");
          if (target == null || target.equals(0L) || target.equals("")) {
            port.put("targetPort", port.get("port"));
          }
        }
      }
    }
  }

  @Override
  public Optional<String> nameProblem(ResourceType type, String name) {
    return Names.label1035(name);
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }
}
