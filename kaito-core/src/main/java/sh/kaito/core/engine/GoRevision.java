package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.KaitoAnnotations;

/**
 * How the Go operator numbers specifications: the hash that it writes on a Workspace, and the
 * number of the ControllerRevision that goes with it. A workload that carries another number than
 * its Workspace is rendered anew there, so who hands a Workspace over must know the number that it
 * will come to. Pure.
 *
 * @param hash value of {@code workspace.kaito.io/hash}
 * @param number value of {@code workspace.kaito.io/revision}
 */
record GoRevision(String hash, long number) {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /**
   * The revision that the Go operator will find, or make.
   *
   * @param workspace the Workspace as the API server has it
   * @param revisions list of the ControllerRevisions with the label {@code workspace.kaito.io/name}
   * @return empty for a pod template, whose hash depends on Kubernetes types of the Go operator's
   *     build: a workload of a template is never compared there
   */
  static Optional<GoRevision> of(JsonNode workspace, JsonNode revisions) {
    if (workspace.path("inference").path("template").isObject()) {
      return Optional.empty();
    }
    String hash = hash(workspace);
    long highest = 0;
    for (JsonNode revision : revisions.path("items")) {
      JsonNode annotations = revision.path("metadata").path("annotations");
      if (annotations.path(KaitoAnnotations.WORKSPACE_HASH).asText().equals(hash)) {
        return Optional.of(new GoRevision(hash, revision.path("revision").asLong()));
      }
      highest = Math.max(highest, revision.path("revision").asLong());
    }
    return Optional.of(new GoRevision(hash, highest + 1));
  }

  /**
   * SHA-256 of {@code resource}, {@code inference} and {@code tuning} as Go's encoding/json writes
   * its types: fields in the order of their declaration, empty ones left out except the ones that
   * are listed as written always, no spaces, three characters escaped, a newline after each.
   */
  static String hash(JsonNode workspace) {
    return Hashes.sha256(
        go(resource(workspace.path("resource")))
            + go(inference(workspace.path("inference")))
            + go(tuning(workspace.path("tuning"))));
  }

  private static String go(JsonNode tree) {
    return tree.toString().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
        + "\n";
  }

  private static JsonNode resource(JsonNode resource) {
    ObjectNode go = NODES.objectNode();
    copy(resource, go, "count", "instanceType");
    go.set("labelSelector", selector(resource.path("labelSelector")));
    copy(resource, go, "preferredNodes");
    JsonNode partition = resource.path("partition");
    if (partition.isObject()) {
      go.set("partition", copy(partition, NODES.objectNode(), "mode", "profile", "count"));
    }
    return go;
  }

  private static JsonNode selector(JsonNode selector) {
    if (!selector.isObject()) {
      return NullNode.getInstance();
    }
    ObjectNode go = NODES.objectNode();
    JsonNode labels = selector.path("matchLabels");
    if (!labels.isEmpty()) {
      TreeMap<String, JsonNode> sorted = new TreeMap<>();
      labels.properties().forEach(label -> sorted.put(label.getKey(), label.getValue()));
      go.set("matchLabels", object().setAll(sorted));
    }
    ArrayNode expressions = NODES.arrayNode();
    for (JsonNode expression : selector.path("matchExpressions")) {
      expressions.add(copy(expression, NODES.objectNode(), "key", "operator", "values"));
    }
    if (!expressions.isEmpty()) {
      go.set("matchExpressions", expressions);
    }
    return go;
  }

  private static JsonNode inference(JsonNode inference) {
    if (!inference.isObject()) {
      return NullNode.getInstance();
    }
    ObjectNode go = NODES.objectNode();
    preset(inference, go);
    copy(inference, go, "config");
    ArrayNode adapters = NODES.arrayNode();
    for (JsonNode adapter : inference.path("adapters")) {
      ObjectNode one = adapters.addObject();
      if (adapter.path("source").isObject()) {
        one.set("source", source(adapter.path("source")));
      }
      copy(adapter, one, "strength");
    }
    if (!adapters.isEmpty()) {
      go.set("adapters", adapters);
    }
    return go;
  }

  private static JsonNode tuning(JsonNode tuning) {
    if (!tuning.isObject()) {
      return NullNode.getInstance();
    }
    ObjectNode go = NODES.objectNode();
    preset(tuning, go);
    copy(tuning, go, "method", "config");
    JsonNode input = tuning.path("input");
    go.set("input", input.isObject() ? source(input) : NullNode.getInstance());
    JsonNode output = tuning.path("output");
    go.set(
        "output",
        output.isObject()
            ? copy(output, NODES.objectNode(), "volumeSource", "image", "imagePushSecret")
            : NullNode.getInstance());
    return go;
  }

  private static void preset(JsonNode from, ObjectNode go) {
    JsonNode preset = from.path("preset");
    if (preset.isObject()) {
      ObjectNode one = copy(preset, NODES.objectNode(), "name", "accessMode");
      one.set(
          "presetOptions",
          copy(
              preset.path("presetOptions"),
              NODES.objectNode(),
              "image",
              "imagePullSecrets",
              "modelAccessSecret"));
      go.set("preset", one);
    }
  }

  private static ObjectNode source(JsonNode source) {
    return copy(
        source, NODES.objectNode(), "name", "urls", "volumeSource", "image", "imagePullSecrets");
  }

  /** Go's {@code omitempty}: what is empty is as if it were not there. */
  private static ObjectNode copy(JsonNode from, ObjectNode into, String... names) {
    for (String name : names) {
      JsonNode value = from.path(name);
      boolean empty =
          value.isMissingNode()
              || value.isNull()
              || (value.isContainerNode() && value.isEmpty())
              || (value.isTextual() && value.asText().isEmpty());
      if (!empty) {
        into.set(name, value);
      }
    }
    return into;
  }
}
