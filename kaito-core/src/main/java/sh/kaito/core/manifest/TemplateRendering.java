package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.HttpDialect;

/**
 * Objects of a workspace that runs the user's own pod. His template is added to, never changed: the
 * label by which the workload finds its pods, the nodes on top of the nodes that he asks for, and
 * tolerations that are not there yet. Containers and volumes are his.
 */
final class TemplateRendering {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";

  private final RenderInputs inputs;

  TemplateRendering(RenderInputs inputs) {
    this.inputs = inputs;
  }

  RenderOutcome render() {
    ObjectNode template = new WorkspaceTree(inputs.workspace()).objectAt("/inference/template");
    Assembly assembly = new Assembly(inputs);
    PodTemplate own = new PodTemplate();
    assembly.labels(own);
    JsonNode labels =
        own.toJson(Optional.empty(), inputs.plan().nodes().gpuResource(), inputs.constraints())
            .at("/metadata/labels");
    ObjectNode metadata = child(template, "metadata");
    String name = inputs.owner().key().name();
    String theirs = metadata.path("labels").path(KaitoLabels.WORKSPACE).asText(name);
    if (!theirs.equals(name)) {
      return new RenderRefusal(
          List.of(
              Violation.error(
                      "inference.template.metadata.labels[" + KaitoLabels.WORKSPACE + "]",
                      "is \"" + theirs + "\", and pods are found by it")
                  .found(theirs)
                  .nearest(name)
                  .action("remove the label; it is added")
                  .build()));
    }
    child(metadata, "labels").setAll((ObjectNode) labels);
    ObjectNode spec = child(template, "spec");
    nodes(spec, inputs.constraints().labels());
    tolerations(spec);
    assembly.service(
        array(OwnedObjects.port("http", 80, HttpDialect.CONTAINER_PORT)), Optional.empty());
    return assembly.statefulSet(name, template);
  }

  /** Every alternative of the user must also be one of the Workspace's nodes. */
  private static void nodes(ObjectNode spec, Map<String, String> labels) {
    if (labels.isEmpty()) {
      return;
    }
    ObjectNode affinity = child(child(spec, "affinity"), "nodeAffinity");
    ObjectNode required = child(affinity, REQUIRED);
    JsonNode terms = required.path("nodeSelectorTerms");
    if (terms.isEmpty()) {
      required.set(
          "nodeSelectorTerms", array(object("matchExpressions", Placement.expressions(labels))));
      return;
    }
    for (JsonNode term : terms) {
      ArrayNode expressions = list((ObjectNode) term, "matchExpressions");
      expressions.addAll(Placement.expressions(labels));
    }
  }

  private void tolerations(ObjectNode spec) {
    ArrayNode wanted =
        Placement.tolerations(inputs.plan().nodes().gpuResource(), inputs.constraints().taints());
    ArrayNode present = list(spec, "tolerations");
    for (JsonNode toleration : wanted) {
      boolean there = false;
      for (JsonNode theirs : present) {
        there |= theirs.equals(toleration);
      }
      if (!there) {
        present.add(toleration);
      }
    }
  }

  private static ObjectNode child(ObjectNode parent, String name) {
    return parent.get(name) instanceof ObjectNode object ? object : parent.putObject(name);
  }

  private static ArrayNode list(ObjectNode parent, String name) {
    return parent.get(name) instanceof ArrayNode array ? array : parent.putArray(name);
  }
}
