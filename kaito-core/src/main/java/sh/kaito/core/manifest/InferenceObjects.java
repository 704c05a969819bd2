package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeConstraints;

/** The objects around a model server: pod template, workload, Service. */
final class InferenceObjects {
  private final Owner owner;

  InferenceObjects(Owner owner) {
    this.owner = owner;
  }

  /**
   * The pod template.
   *
   * @param gpuResource node resource of the GPUs
   * @param gpus how many of them the one container takes
   */
  ObjectNode podTemplate(
      ModelServer server,
      String gpuResource,
      int gpus,
      NodeConstraints constraints,
      List<String> pullSecrets) {
    ObjectNode amount = object(gpuResource, Integer.toString(gpus));
    ObjectNode container =
        object(
            "name",
            owner.key().name(),
            "image",
            server.image(),
            "command",
            Flags.literal(server.command()),
            "workingDir",
            server.workingDirectory(),
            "ports",
            server.containerPorts(),
            "env",
            orNothing(server.env()),
            "resources",
            object("limits", amount, "requests", amount),
            "volumeMounts",
            orNothing(server.volumeMounts()),
            "securityContext",
            object(
                "allowPrivilegeEscalation",
                false,
                "capabilities",
                object("drop", array("ALL")),
                "seccompProfile",
                object("type", "RuntimeDefault")));
    container.setAll((ObjectNode) server.probes());
    ArrayNode secrets = array();
    pullSecrets.forEach(secret -> secrets.add(object("name", secret)));
    return object(
        "metadata",
        object("labels", selector()),
        "spec",
        object(
            "affinity",
            nodeAffinity(constraints.labels()),
            "tolerations",
            tolerations(gpuResource, constraints.taints()),
            "imagePullSecrets",
            orNothing(secrets),
            "containers",
            array(container),
            "volumes",
            orNothing(server.volumes())));
  }

  private static JsonNode nodeAffinity(Map<String, String> labels) {
    ArrayNode expressions = array();
    new TreeMap<>(labels)
        .forEach(
            (key, value) ->
                expressions.add(object("key", key, "operator", "In", "values", array(value))));
    return object(
        "nodeAffinity",
        object(
            "requiredDuringSchedulingIgnoredDuringExecution",
            object("nodeSelectorTerms", array(object("matchExpressions", expressions)))));
  }

  private static ArrayNode tolerations(String gpuResource, List<NodeConstraints.Taint> taints) {
    // The GPU taint is put on by the cloud or the device plugin, the others by the provisioner.
    ArrayNode tolerations =
        array(object("key", gpuResource, "operator", "Exists", "effect", "NoSchedule"));
    for (NodeConstraints.Taint taint : taints) {
      tolerations.add(
          object(
              "key",
              taint.key(),
              "operator",
              "Equal",
              "value",
              taint.value(),
              "effect",
              taint.effect()));
    }
    return tolerations;
  }

  /** A Deployment that never holds GPUs twice: the old pod goes before the new one comes. */
  ObjectNode deployment(int replicas, ObjectNode template) {
    return object(
        "apiVersion",
        "apps/v1",
        "kind",
        "Deployment",
        "metadata",
        metadata(owner.key().name()),
        "spec",
        object(
            "replicas",
            replicas,
            "selector",
            object("matchLabels", selector()),
            "strategy",
            object(
                "type",
                "RollingUpdate",
                "rollingUpdate",
                object("maxSurge", 0, "maxUnavailable", 1)),
            "template",
            template));
  }

  /** A StatefulSet whose pods start together. */
  ObjectNode statefulSet(int replicas, ObjectNode template) {
    return object(
        "apiVersion",
        "apps/v1",
        "kind",
        "StatefulSet",
        "metadata",
        metadata(owner.key().name()),
        "spec",
        object(
            "replicas",
            replicas,
            "serviceName",
            owner.key().name(),
            "podManagementPolicy",
            "Parallel",
            "persistentVolumeClaimRetentionPolicy",
            object("whenDeleted", "Delete", "whenScaled", "Retain"),
            "selector",
            object("matchLabels", selector()),
            "template",
            template));
  }

  /** The Service; it lists pods before they are ready, as upstream's does. */
  ObjectNode service(JsonNode ports, boolean loadBalancer) {
    return object(
        "apiVersion",
        "v1",
        "kind",
        "Service",
        "metadata",
        metadata(owner.key().name()),
        "spec",
        object(
            "type",
            loadBalancer ? "LoadBalancer" : "ClusterIP",
            "publishNotReadyAddresses",
            true,
            "ports",
            ports,
            "selector",
            selector()));
  }

  private ObjectNode metadata(String name) {
    return object(
        "name",
        name,
        "namespace",
        owner.key().namespace(),
        "ownerReferences",
        orNothing(owner.references()));
  }

  private ObjectNode selector() {
    return object(KaitoLabels.WORKSPACE, owner.key().name());
  }

  private static @org.jspecify.annotations.Nullable JsonNode orNothing(JsonNode list) {
    return list.isEmpty() ? null : list;
  }
}
