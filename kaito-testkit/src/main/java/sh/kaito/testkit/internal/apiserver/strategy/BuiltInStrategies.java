package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.Map;

/** The strategies of built-in types, by the name of their table in the store. */
final class BuiltInStrategies {
  private BuiltInStrategies() {}

  static Map<String, Strategy> all() {
    Map<String, Strategy> table = new HashMap<>();
    table.put("namespaces", new NamespaceStrategy());
    table.put("pods", new PodStrategy());
    table.put("services", new ServiceStrategy());
    table.put("persistentvolumeclaims", new ClaimStrategy());
    table.put("secrets", new SecretStrategy());
    table.put("configmaps", new ConfigMapStrategy());
    table.put("events", new EventRules());
    table.put("customresourcedefinitions.apiextensions.k8s.io", new DefinitionStrategy());
    CoreTypes.addTo(table);
    WorkloadTypes.addTo(table);
    BatchTypes.addTo(table);
    OtherTypes.addTo(table);
    return Map.copyOf(table);
  }
}
