package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeView.NodeInfo;

/**
 * Reads what the server sent into the small records that the caches keep. Lenient: unknown fields
 * are passed over, absent ones have a default.
 */
final class Decoders {
  private static final Set<String> PULL =
      Set.of(
          "ImagePullBackOff",
          "ErrImagePull",
          "InvalidImageName",
          "ErrImageNeverPull",
          "ImageInspectError",
          "RegistryUnavailable");
  private static final Set<String> START =
      Set.of(
          "CreateContainerConfigError",
          "PreCreateHookError",
          "CreateContainerError",
          "PreStartHookError",
          "RunContainerError",
          "PostStartHookError");

  private Decoders() {}

  /** A child as the cache keeps it, with what finds it. */
  record CachedChild(WorkspaceKey key, String resourceVersion, Observation.ObservedChild child) {}

  /** A pod as the cache keeps it, with what finds it. */
  record CachedPod(WorkspaceKey workspace, Observation.ObservedPod pod) {}

  static Map<String, String> strings(JsonNode object) {
    Map<String, String> map = new TreeMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }

  static List<String> list(JsonNode array) {
    List<String> list = new ArrayList<>();
    array.forEach(item -> list.add(item.asText()));
    return list;
  }

  static CachedChild child(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode spec = object.path("spec");
    JsonNode status = object.path("status");
    boolean runsPods = spec.has("template");
    int replicas = runsPods ? spec.path("replicas").asInt(1) : 0;
    WorkspaceKey key =
        new WorkspaceKey(metadata.path("namespace").asText(), metadata.path("name").asText());
    return new CachedChild(
        key,
        metadata.path("resourceVersion").asText(),
        new Observation.ObservedChild(
            key.name(),
            metadata.path("uid").asText(),
            metadata.path("resourceVersion").asText(),
            controllerUid(metadata),
            metadata.hasNonNull("deletionTimestamp"),
            metadata.path("annotations").path(KaitoAnnotations.INPUT_HASH).asText(),
            metadata.path("annotations").path(KaitoAnnotations.RENDERED_HASH).asText(),
            metadata.path("annotations").path(KaitoAnnotations.PINNED).asText(),
            metadata.path("generation").asLong(),
            // A kind without generation (Service) is rolled out as soon as it exists.
            runsPods ? status.path("observedGeneration").asLong() : Long.MAX_VALUE,
            replicas,
            status.path("updatedReplicas").asInt(),
            status.path("readyReplicas").asInt()));
  }

  private static String controllerUid(JsonNode metadata) {
    for (JsonNode owner : metadata.path("ownerReferences")) {
      if (owner.path("controller").asBoolean()) {
        return owner.path("uid").asText();
      }
    }
    return "";
  }

  /** A pod; null when no Workspace's label is on it. */
  static @Nullable CachedPod pod(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    String workspace = metadata.path("labels").path(KaitoLabels.WORKSPACE).asText();
    if (workspace.isEmpty()) {
      return null;
    }
    JsonNode status = object.path("status");
    String[] trouble = trouble(status);
    return new CachedPod(
        new WorkspaceKey(metadata.path("namespace").asText(), workspace),
        new Observation.ObservedPod(
            metadata.path("name").asText(),
            conditionIs(status.path("conditions"), "Ready", "True"),
            metadata.hasNonNull("deletionTimestamp"),
            trouble[0],
            trouble[1]));
  }

  /** Reason and text of the worst thing that a pod's status tells, in upstream's order. */
  private static String[] trouble(JsonNode status) {
    String[] worst = {"", ""};
    int rank = Integer.MAX_VALUE;
    for (String list : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode container : status.path(list)) {
        String name = container.path("name").asText();
        JsonNode waiting = container.path("state").path("waiting");
        String reason = waiting.path("reason").asText();
        boolean killed =
            container.path("state").path("terminated").path("reason").asText().equals("OOMKilled")
                || container
                    .path("lastState")
                    .path("terminated")
                    .path("reason")
                    .asText()
                    .equals("OOMKilled");
        if (killed && !container.path("ready").asBoolean() && rank > 1) {
          rank = 1;
          worst = new String[] {"ContainerOOMKilled", "container " + name + " ran out of memory"};
        } else if (PULL.contains(reason) && rank > 2) {
          rank = 2;
          worst = new String[] {"ImagePullError", said(name, reason, waiting)};
        } else if (START.contains(reason) && rank > 3) {
          rank = 3;
          worst = new String[] {"ContainerStartError", said(name, reason, waiting)};
        } else if (reason.equals("CrashLoopBackOff") && rank > 4) {
          rank = 4;
          worst = new String[] {"ContainerCrashLoopBackOff", said(name, reason, waiting)};
        }
      }
    }
    if (worst[0].isEmpty() && status.path("reason").asText().equals("Evicted")) {
      worst = new String[] {"PodEvicted", status.path("message").asText()};
    }
    if (worst[0].isEmpty()) {
      for (JsonNode condition : status.path("conditions")) {
        if (condition.path("type").asText().equals("PodScheduled")
            && condition.path("reason").asText().equals("Unschedulable")) {
          worst = new String[] {"Unschedulable", condition.path("message").asText()};
        }
      }
    }
    return worst;
  }

  private static String said(String container, String reason, JsonNode waiting) {
    String message = waiting.path("message").asText();
    return "container " + container + ": " + reason + (message.isEmpty() ? "" : ": " + message);
  }

  private static boolean conditionIs(JsonNode conditions, String type, String status) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText().equals(status);
      }
    }
    return false;
  }

  static NodeInfo node(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode status = object.path("status");
    NodeInfo.Builder node =
        NodeInfo.builder()
            .name(metadata.path("name").asText())
            .uid(metadata.path("uid").asText())
            .labels(strings(metadata.path("labels")))
            .providerId(object.path("spec").path("providerID").asText())
            .isReady(conditionIs(status.path("conditions"), "Ready", "True"))
            .readyChangedAt(readyChangedAt(status.path("conditions")))
            .createdAt(instant(metadata.path("creationTimestamp").asText()))
            .isUnschedulable(object.path("spec").path("unschedulable").asBoolean())
            .isDeleting(metadata.hasNonNull("deletionTimestamp"));
    for (Map.Entry<String, JsonNode> annotation : metadata.path("annotations").properties()) {
      // Others are large, change often, and matter to nobody here.
      if (annotation.getKey().startsWith("java.kaito.sh/")) {
        node.putAnnotations(annotation.getKey(), annotation.getValue().asText());
      }
    }
    for (Map.Entry<String, JsonNode> resource : status.path("allocatable").properties()) {
      // Extended resources have a domain, and only whole numbers.
      if (resource.getKey().contains("/")) {
        node.putAllocatable(resource.getKey(), wholeNumber(resource.getValue().asText()));
      }
    }
    for (JsonNode taint : object.path("spec").path("taints")) {
      node.addTaints(
          new NodeConstraints.Taint(
              taint.path("key").asText(),
              taint.path("value").asText(),
              taint.path("effect").asText()));
    }
    return node.build();
  }

  private static Optional<Instant> readyChangedAt(JsonNode conditions) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals("Ready")) {
        return instant(condition.path("lastTransitionTime").asText());
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> instant(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static long wholeNumber(String quantity) {
    try {
      return new BigDecimal(quantity).longValue();
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
