package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Deployments, StatefulSets, DaemonSets and ReplicaSets: defaults of apps/v1. */
final class WorkloadStrategy extends BuiltInStrategies.Plain {
  private final String storage;

  WorkloadStrategy(String storage) {
    super(storage);
    this.storage = storage;
  }

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    Map<String, Object> spec = Trees.child(object, "spec");
    Map<String, Object> template = Trees.child(spec, "template");
    PodDefaults.spec(Trees.child(template, "spec"));
    if (!storage.equals("daemonsets.apps")) {
      Trees.preset(spec, "replicas", 1L);
    }
    switch (storage) {
      case "deployments.apps" -> {
        Map<String, Object> strategy = Trees.child(spec, "strategy");
        Trees.presetText(strategy, "type", "RollingUpdate");
        if (Json.text(strategy, "type").equals("RollingUpdate")) {
          Map<String, Object> rolling = Trees.child(strategy, "rollingUpdate");
          Trees.preset(rolling, "maxUnavailable", "25%");
          Trees.preset(rolling, "maxSurge", "25%");
        }
        Trees.preset(spec, "revisionHistoryLimit", 10L);
        Trees.preset(spec, "progressDeadlineSeconds", 600L);
      }
      case "statefulsets.apps" -> {
        Trees.presetText(spec, "podManagementPolicy", "OrderedReady");
        Map<String, Object> strategy = Trees.child(spec, "updateStrategy");
        if (Json.text(strategy, "type").isEmpty()) {
          strategy.put("type", "RollingUpdate");
          Trees.preset(Trees.child(strategy, "rollingUpdate"), "partition", 0L);
        } else if (strategy.get("rollingUpdate") != null) {
          Trees.preset(Trees.child(strategy, "rollingUpdate"), "partition", 0L);
        }
        Trees.preset(spec, "revisionHistoryLimit", 10L);
        Map<String, Object> retention = Trees.child(spec, "persistentVolumeClaimRetentionPolicy");
        Trees.presetText(retention, "whenDeleted", "Retain");
        Trees.presetText(retention, "whenScaled", "Retain");
        for (Object entry : Trees.items(spec, "volumeClaimTemplates")) {
          Map<String, Object> claim = Json.asObject(entry);
          if (claim != null) {
            Trees.presetText(claim, "kind", "PersistentVolumeClaim");
            Trees.presetText(claim, "apiVersion", "v1");
            ClaimStrategy.defaults(claim);
          }
        }
      }
      case "daemonsets.apps" -> {
        Map<String, Object> strategy = Trees.child(spec, "updateStrategy");
        Trees.presetText(strategy, "type", "RollingUpdate");
        if (Json.text(strategy, "type").equals("RollingUpdate")) {
          Map<String, Object> rolling = Trees.child(strategy, "rollingUpdate");
          Trees.preset(rolling, "maxUnavailable", 1L);
          Trees.preset(rolling, "maxSurge", 0L);
        }
        Trees.preset(spec, "revisionHistoryLimit", 10L);
      }
      default -> {
        // A ReplicaSet has no more than replicas and a template.
      }
    }
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    WorkloadRules.validate(storage, object, causes);
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    WorkloadRules.validate(storage, object, causes);
    WorkloadRules.validateUpdate(storage, object, old, causes);
  }
}
