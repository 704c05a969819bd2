package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.core.engine.Observation.ObservedWorkspace;

/** What is written to the metadata of a Workspace. Pure. */
final class WorkspacePatches {
  /** Both say that nodes are paid for: each goes only when they are proved to be gone. */
  static final List<String> FINALIZERS = List.of(KaitoFinalizers.WORKSPACE, KaitoFinalizers.NODES);

  private WorkspacePatches() {}

  /** The merge patch that puts finalizer and ledger on. */
  static ObjectNode ownership(ObservedWorkspace workspace, Ledger ledger) {
    ArrayNode finalizers = array();
    workspace.finalizers().forEach(finalizers::add);
    if (!workspace.finalizers().contains(Decide.FINALIZER)) {
      finalizers.add(Decide.FINALIZER);
    }
    return object(
        "metadata",
        object(
            "uid",
            workspace.uid(),
            "resourceVersion",
            workspace.resourceVersion(),
            "finalizers",
            finalizers,
            "annotations",
            object(Decide.LEDGER, ledger.write())));
  }

  /**
   * JSON patch that takes both of our finalizers off, as far as they are on it, and tests that the
   * object and its finalizers are those that were seen. From the last to the first: what is taken
   * off moves those behind it.
   */
  static JsonNode withoutFinalizers(ObservedWorkspace workspace) {
    ArrayNode patch =
        array(object("op", "test", "path", "/metadata/uid", "value", workspace.uid()));
    for (int at = workspace.finalizers().size() - 1; at >= 0; at--) {
      String finalizer = workspace.finalizers().get(at);
      if (FINALIZERS.contains(finalizer)) {
        String path = "/metadata/finalizers/" + at;
        patch.add(object("op", "test", "path", path, "value", finalizer));
        patch.add(object("op", "remove", "path", path));
      }
    }
    return patch;
  }
}
