package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Cause;
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
    if (Json.text(spec, "sessionAffinity").equals("ClientIP")) {
      Map<String, Object> config =
          Trees.child(Trees.child(spec, "sessionAffinityConfig"), "clientIP");
      Trees.preset(config, "timeoutSeconds", 10800L);
    }
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
  public void prepareForStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    super.prepareForStatusUpdate(type, object, old);
    for (Object entry : Trees.items(object, "status", "loadBalancer", "ingress")) {
      Map<String, Object> ingress = Json.asObject(entry);
      if (ingress != null && !Json.text(ingress, "ip").isEmpty()) {
        Trees.preset(ingress, "ipMode", "VIP");
      }
    }
  }

  @Override
  public List<String> nameProblem(ResourceType type, String name) {
    return Names.label1035(name);
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }

  @Override
  public void prepareForUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    super.prepareForUpdate(type, object, old);
    ServiceRules.dropForType(Trees.child(object, "spec"), Json.object(old, "spec"));
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    ServiceRules.validate(Check.of(object, "", causes).child("spec"));
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    validate(type, object, causes);
    String was = Json.text(old, "spec", "clusterIP");
    String now = Json.text(object, "spec", "clusterIP");
    boolean keeps =
        !Json.text(object, "spec", "type").equals("ExternalName")
            && !Json.text(old, "spec", "type").equals("ExternalName");
    if (keeps && !was.isEmpty() && !now.isEmpty() && !was.equals(now)) {
      causes.add(Cause.invalid("spec.clusterIPs[0]", List.of(now), "may not change once set"));
    }
  }
}
