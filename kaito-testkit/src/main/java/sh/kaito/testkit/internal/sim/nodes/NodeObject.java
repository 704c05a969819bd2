package sh.kaito.testkit.internal.sim.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.NodeShape;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.Objects;

/** The Node object that a machine becomes, with the names and labels of an AKS GPU node. */
final class NodeObject {
  static final String FINALIZER = "karpenter.sh/termination";
  static final String INSTANCE_TYPE = "node.kubernetes.io/instance-type";
  static final String GPU = "nvidia.com/gpu";
  static final String SIMULATED = "java.kaito.sh/simulated";

  private NodeObject() {}

  /** AKS names the machines of a pool {@code aks-<pool>-<digits>-vmss<number>}. */
  static String name(String claimName) {
    return "aks-" + claimName + "-12345678-vmss000000";
  }

  static String providerId(String claimName) {
    return "azure:///subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mc_simulated"
        + "/providers/Microsoft.Compute/virtualMachineScaleSets/aks-"
        + claimName
        + "-12345678-vmss/virtualMachines/0";
  }

  /** First value of the instance-type requirement; empty when there is none. */
  static String instanceType(JsonNode claim) {
    for (JsonNode requirement : claim.path("spec").path("requirements")) {
      if (requirement.path("key").asText().equals(INSTANCE_TYPE)
          && requirement.path("operator").asText().equals("In")) {
        return requirement.path("values").path(0).asText("");
      }
    }
    return "";
  }

  /** The labels that the claim's requirements with one value and its cloud determine. */
  static ObjectNode derivedLabels(JsonNode claim) {
    ObjectNode labels = Objects.object();
    for (JsonNode requirement : claim.path("spec").path("requirements")) {
      if (requirement.path("operator").asText().equals("In")
          && requirement.path("values").size() == 1) {
        labels.put(requirement.path("key").asText(), requirement.path("values").get(0).asText());
      }
    }
    if (!instanceType(claim).isEmpty()) {
      labels.put(INSTANCE_TYPE, instanceType(claim));
    }
    return labels;
  }

  static ObjectNode of(
      Kind claimKind, JsonNode claim, Machine machine, NodeShape shape, Instant now) {
    String claimName = Objects.name(claim);
    String name = name(claimName);
    ObjectNode node = Objects.object().put("apiVersion", "v1").put("kind", Kind.NODE.kindName());
    ObjectNode metadata = node.putObject("metadata").put("name", name);
    ObjectNode labels = metadata.putObject("labels");
    labels.put("kubernetes.io/arch", "amd64").put("kubernetes.io/os", "linux");
    labels.setAll(derivedLabels(claim));
    Objects.labels(claim).forEach(labels::put);
    labels
        .put("kubernetes.io/hostname", name)
        .put("agentpool", claimName)
        .put("kubernetes.azure.com/agentpool", claimName)
        .put("karpenter.sh/registered", "true");
    boolean gpu = shape.gpus() > 0;
    labels.put("kaito.sh/machine-type", gpu ? "gpu" : "cpu");
    if (gpu) {
      labels.put("accelerator", "nvidia").put("nvidia.com/gpu.count", "" + shape.gpus());
      if (!shape.gpuProduct().isEmpty()) {
        labels.put("nvidia.com/gpu.product", shape.gpuProduct());
      }
      if (shape.gpuMemoryMib() > 0) {
        labels.put("nvidia.com/gpu.memory", "" + shape.gpuMemoryMib());
      }
    }
    metadata.putObject("annotations").put(SIMULATED, "true");
    metadata.putArray("finalizers").add(FINALIZER);
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", claimKind.apiVersion())
        .put("kind", claimKind.kindName())
        .put("name", claimName)
        .put("uid", Objects.uid(claim))
        .put("blockOwnerDeletion", true);

    ObjectNode spec = node.putObject("spec").put("providerID", providerId(claimName));
    ArrayNode taints = Objects.array();
    claim.path("spec").path("taints").forEach(taints::add);
    claim.path("spec").path("startupTaints").forEach(taints::add);
    if (!taints.isEmpty()) {
      spec.set("taints", taints);
    }
    ObjectNode status = status(machine, shape, null, now);
    ArrayNode addresses = status.putArray("addresses");
    addresses.addObject().put("type", "InternalIP").put("address", address(name));
    addresses.addObject().put("type", "Hostname").put("address", name);
    status
        .putObject("nodeInfo")
        .put("architecture", "amd64")
        .put("bootID", "")
        .put("containerRuntimeVersion", "simulated://1.0.0")
        .put("kernelVersion", "simulated")
        .put("kubeProxyVersion", "")
        .put("kubeletVersion", "v1.35.4")
        .put("machineID", "")
        .put("operatingSystem", "linux")
        .put("osImage", "Simulated by Kaito for Java")
        .put("systemUUID", "");
    node.set("status", status);
    return node;
  }

  /**
   * The spec of a node without the taint that the API server puts on every new one, to be merged;
   * null where it has none. Nobody takes it off where no node controller runs.
   */
  static @Nullable ObjectNode withoutNotReady(JsonNode node) {
    ArrayNode left = Objects.array();
    for (JsonNode taint : node.path("spec").path("taints")) {
      if (!taint.path("key").asText().equals("node.kubernetes.io/not-ready")) {
        left.add(taint);
      }
    }
    if (left.size() == node.path("spec").path("taints").size()) {
      return null;
    }
    ObjectNode spec = Objects.object();
    spec.set("taints", left);
    return spec;
  }

  /** An address in 10.224.0.0/12, the default network of AKS nodes. */
  private static String address(String name) {
    CRC32 sum = new CRC32();
    sum.update(name.getBytes(StandardCharsets.UTF_8));
    long bits = sum.getValue();
    return "10.224." + ((bits >> 8) & 0xff) + "." + (1 + bits % 254);
  }

  /** Conditions and resources as they should be now. */
  static ObjectNode status(
      Machine machine, NodeShape shape, @Nullable JsonNode before, Instant now) {
    boolean ready = machine.isReady(now);
    ObjectNode status = Objects.object();
    JsonNode old = before == null ? null : Objects.condition(before, "Ready");
    String wanted = ready ? "True" : "False";
    boolean same = old != null && Objects.text(old, "status").equals(wanted);
    ArrayNode conditions = status.putArray("conditions");
    conditions
        .addObject()
        .put("type", "Ready")
        .put("status", wanted)
        .put("reason", ready ? "KubeletReady" : "KubeletNotReady")
        .put(
            "message",
            ready ? "kubelet is posting ready status" : "container runtime network not ready")
        .put("lastHeartbeatTime", Objects.time(now))
        .put(
            "lastTransitionTime",
            same && old != null ? Objects.text(old, "lastTransitionTime") : Objects.time(now));
    keepOthers(conditions, before);
    ObjectNode resources = resources(shape, machine.showsGpus(now));
    status.set("capacity", resources);
    status.set("allocatable", resources.deepCopy());
    return status;
  }

  /** Adds the conditions of an object that others wrote. */
  static void keepOthers(ArrayNode conditions, @Nullable JsonNode before) {
    if (before == null) {
      return;
    }
    Set<String> ours = new HashSet<>();
    conditions.forEach(condition -> ours.add(condition.path("type").asText()));
    for (JsonNode condition : before.path("status").path("conditions")) {
      if (!ours.contains(condition.path("type").asText())) {
        conditions.add(condition);
      }
    }
  }

  static ObjectNode resources(NodeShape shape, boolean gpus) {
    ObjectNode result =
        Objects.object()
            .put("cpu", shape.cpu())
            .put("ephemeral-storage", shape.ephemeralStorage())
            .put("memory", shape.memory())
            .put("pods", "" + shape.pods());
    if (gpus && shape.gpus() > 0) {
      result.put(GPU, "" + shape.gpus());
    }
    return result;
  }
}
