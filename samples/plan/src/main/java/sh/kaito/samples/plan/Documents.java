package sh.kaito.samples.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.ManifestDocument;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.WorkspaceManifests;

/** Workspaces, and the ConfigMaps and Nodes that stand beside them. */
final class Documents {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Workspace> workspaces = new ArrayList<>();
  private final List<ManifestDocument> others = new ArrayList<>();

  void add(WorkspaceManifests manifests) {
    workspaces.addAll(manifests.workspaces());
    others.addAll(manifests.others());
  }

  List<Workspace> workspaces() {
    return workspaces;
  }

  /** The same Workspace as it stands here; one whose name is still to be generated never does. */
  Optional<Workspace> same(Workspace other) {
    return workspaces.stream()
        .filter(workspace -> other.metadata().getName() != null)
        .filter(workspace -> workspace.metadata().getName() != null)
        .filter(workspace -> workspace.key().equals(other.key()))
        .findFirst();
  }

  static String namespace(Workspace workspace) {
    String namespace = workspace.metadata().getNamespace();
    return namespace == null || namespace.isEmpty() ? WorkspaceKey.DEFAULT_NAMESPACE : namespace;
  }

  static String describe(Workspace workspace) {
    return namespace(workspace) + "/" + workspace.metadata().getName();
  }

  /** {@code data} of the ConfigMaps of a namespace, by name. */
  Map<String, Map<String, String>> configMaps(String namespace) {
    Map<String, Map<String, String>> configMaps = new TreeMap<>();
    for (ManifestDocument document : others) {
      boolean inNamespace =
          document.namespace().orElse(WorkspaceKey.DEFAULT_NAMESPACE).equals(namespace);
      if (document.kind().equals("ConfigMap") && document.name().isPresent() && inNamespace) {
        configMaps.put(document.name().get(), texts(tree(document).path("data")));
      }
    }
    return configMaps;
  }

  /** Labels of every Node. */
  List<Map<String, String>> nodeLabels() {
    List<Map<String, String>> nodes = new ArrayList<>();
    for (ManifestDocument document : others) {
      if (document.kind().equals("Node")) {
        nodes.add(texts(tree(document).path("metadata").path("labels")));
      }
    }
    return nodes;
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  private static JsonNode tree(ManifestDocument document) {
    try {
      return JSON.readTree(document.toJson());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a document that was read has a JSON form", e);
    }
  }
}
