package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** The strategies of built-in types by table. */
final class BuiltInStrategies {
  /** Types whose spec is versioned by {@code metadata.generation}. */
  private static final Set<String> WITH_GENERATION =
      Set.of(
          "deployments.apps",
          "statefulsets.apps",
          "daemonsets.apps",
          "replicasets.apps",
          "replicationcontrollers",
          "jobs.batch",
          "cronjobs.batch",
          "poddisruptionbudgets.policy",
          "ingresses.networking.k8s.io",
          "networkpolicies.networking.k8s.io",
          "ingressclasses.networking.k8s.io",
          "priorityclasses.scheduling.k8s.io",
          "customresourcedefinitions.apiextensions.k8s.io",
          "validatingwebhookconfigurations.admissionregistration.k8s.io",
          "mutatingwebhookconfigurations.admissionregistration.k8s.io",
          "validatingadmissionpolicies.admissionregistration.k8s.io",
          "validatingadmissionpolicybindings.admissionregistration.k8s.io",
          "flowschemas.flowcontrol.apiserver.k8s.io",
          "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io");

  /** Types whose deletion answers with the object. */
  private static final Set<String> RETURN_DELETED =
      Set.of(
          "podtemplates",
          "resourcequotas",
          "persistentvolumes",
          "persistentvolumeclaims",
          "serviceaccounts",
          "services",
          "storageclasses.storage.k8s.io",
          "csinodes.storage.k8s.io",
          "csidrivers.storage.k8s.io",
          "volumeattachments.storage.k8s.io",
          "csistoragecapacities.storage.k8s.io");

  /** RBAC names may hold anything that fits into a path. */
  private static final Set<String> PATH_NAMES =
      Set.of(
          "roles.rbac.authorization.k8s.io",
          "rolebindings.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io");

  private BuiltInStrategies() {}

  static Map<String, Strategy> all() {
    Map<String, Strategy> map = new HashMap<>();
    WITH_GENERATION.forEach(storage -> map.put(storage, new Plain(storage)));
    RETURN_DELETED.forEach(storage -> map.put(storage, new Plain(storage)));
    PATH_NAMES.forEach(storage -> map.put(storage, new Plain(storage)));
    map.put("namespaces", new NamespaceStrategy());
    map.put("pods", new PodStrategy());
    map.put("services", new ServiceStrategy());
    for (String apps :
        Set.of("deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps")) {
      map.put(apps, new WorkloadStrategy(apps));
    }
    map.put("jobs.batch", new JobStrategy());
    map.put("persistentvolumeclaims", new ClaimStrategy());
    map.put("secrets", new SecretStrategy());
    map.put("configmaps", new ConfigMapStrategy());
    map.put("leases.coordination.k8s.io", new CreatedOnUpdate());
    map.put("customresourcedefinitions.apiextensions.k8s.io", new DefinitionStrategy());
    return map;
  }

  /** Types that differ from the usual in one of the three sets only. */
  static class Plain extends Strategy {
    private final String storage;

    Plain(String storage) {
      this.storage = storage;
    }

    @Override
    public boolean hasGeneration(ResourceType type) {
      return WITH_GENERATION.contains(storage);
    }

    @Override
    public boolean returnsDeletedObject() {
      return RETURN_DELETED.contains(storage);
    }

    @Override
    public Optional<String> nameProblem(ResourceType type, String name) {
      return PATH_NAMES.contains(storage) ? Names.pathSegment(name) : super.nameProblem(type, name);
    }
  }

  /** A Lease that is missing is created by a PUT. */
  private static final class CreatedOnUpdate extends Strategy {
    @Override
    public boolean createsOnUpdate() {
      return true;
    }

    @Override
    public boolean allowsUnconditionalUpdate(ResourceType type) {
      return false;
    }
  }
}
