package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeView.NodeInfo;

/** Reads the few facts of a Node that caches keep. Lenient: what is absent has a default. */
public final class NodeDecoder {
  private NodeDecoder() {}

  /** Reads a Node. */
  public static NodeInfo decode(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode status = object.path("status");
    JsonNode ready = ready(status.path("conditions"));
    NodeInfo.Builder node =
        NodeInfo.builder()
            .name(metadata.path("name").asText())
            .uid(metadata.path("uid").asText())
            .providerId(object.path("spec").path("providerID").asText())
            .isReady(ready.path("status").asText().equals("True"))
            .readyChangedAt(instant(ready.path("lastTransitionTime").asText()))
            .createdAt(instant(metadata.path("creationTimestamp").asText()))
            .isUnschedulable(object.path("spec").path("unschedulable").asBoolean())
            .isDeleting(metadata.hasNonNull("deletionTimestamp"));
    for (Map.Entry<String, JsonNode> label : metadata.path("labels").properties()) {
      node.putLabels(label.getKey(), label.getValue().asText());
    }
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

  private static JsonNode ready(JsonNode conditions) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition;
      }
    }
    return conditions.path("absent");
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
