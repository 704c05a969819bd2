package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoLabels;

/** Objects of one Workspace around its pod. */
final class OwnedObjects {
  private final Owner owner;

  OwnedObjects(Owner owner) {
    this.owner = owner;
  }

  /** A Deployment that never holds GPUs twice: the old pod goes before the new one comes. */
  ObjectNode deployment(int replicas, ObjectNode template) {
    return named(
        "apps/v1",
        "Deployment",
        owner.key().name(),
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
  ObjectNode statefulSet(String name, String serviceName, int replicas, ObjectNode template) {
    return named(
        "apps/v1",
        "StatefulSet",
        name,
        object(
            "replicas",
            replicas,
            "serviceName",
            serviceName,
            "podManagementPolicy",
            "Parallel",
            "persistentVolumeClaimRetentionPolicy",
            object("whenDeleted", "Delete", "whenScaled", "Retain"),
            "selector",
            object("matchLabels", selector()),
            "template",
            template));
  }

  /** A Job that is tried once: what fails by itself fails again, on GPUs that cost money. */
  ObjectNode job(ObjectNode template) {
    ObjectNode job =
        named(
            "batch/v1", "Job", owner.key().name(), object("backoffLimit", 0, "template", template));
    ((ObjectNode) job.get("metadata")).set("labels", selector());
    return job;
  }

  /**
   * The Service of the clients; it lists pods before they are ready, as upstream's does.
   *
   * @param pod the one pod that answers; empty where every pod does
   */
  ObjectNode service(JsonNode ports, boolean loadBalancer, Optional<String> pod) {
    ObjectNode selector = selector();
    pod.ifPresent(name -> selector.put("statefulset.kubernetes.io/pod-name", name));
    return named(
        "v1",
        "Service",
        owner.key().name(),
        object(
            "type",
            loadBalancer ? "LoadBalancer" : "ClusterIP",
            "publishNotReadyAddresses",
            true,
            "ports",
            ports,
            "selector",
            selector));
  }

  /** The Service that gives each pod a name for the others, before any is ready. */
  ObjectNode headlessService(String name, ArrayNode ports) {
    return named(
        "v1",
        "Service",
        name,
        object(
            "clusterIP",
            "None",
            "publishNotReadyAddresses",
            true,
            "ports",
            ports,
            "selector",
            selector()));
  }

  ObjectNode configMap(String name, Map<String, String> data) {
    return object(
        "apiVersion", "v1", "kind", "ConfigMap", "metadata", metadata(name), "data", data);
  }

  static ObjectNode port(String name, int port, int target) {
    return object("name", name, "port", port, "protocol", "TCP", "targetPort", target);
  }

  private ObjectNode named(String apiVersion, String kind, String name, ObjectNode spec) {
    return object("apiVersion", apiVersion, "kind", kind, "metadata", metadata(name), "spec", spec);
  }

  private ObjectNode metadata(String name) {
    ArrayNode references = owner.references();
    return object(
        "name",
        name,
        "namespace",
        owner.key().namespace(),
        "ownerReferences",
        references.isEmpty() ? Optional.empty() : Optional.of(array().addAll(references)));
  }

  ObjectNode selector() {
    return object(KaitoLabels.WORKSPACE, owner.key().name());
  }
}
