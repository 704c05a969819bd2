package sh.kaito.core.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;

/**
 * The parts of a Workspace that go into objects as they are: volumes and pod templates, with fields
 * that this library does not know.
 */
final class WorkspaceTree {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode root;

  WorkspaceTree(Workspace workspace) {
    try {
      root = JSON.readTree(Workspaces.toJson(workspace));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a Workspace is written as JSON", e);
    }
  }

  /** The object at a JSON pointer such as {@code /tuning/input/volumeSource}. */
  ObjectNode objectAt(String pointer) {
    JsonNode node = root.at(pointer);
    if (!(node instanceof ObjectNode object)) {
      throw new IllegalStateException(pointer + " is not an object of this Workspace");
    }
    return object.deepCopy();
  }
}
