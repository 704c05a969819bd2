package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ArrayNode;
import sh.kaito.api.model.WorkspaceKey;

/**
 * The Workspace that owns the objects.
 *
 * @param apiVersion group and version under which the owner is referred to
 * @param uid {@code metadata.uid}; empty for objects that are only shown
 */
public record Owner(WorkspaceKey key, String apiVersion, String uid) {

  /** The owner references; none while the owner does not exist. */
  ArrayNode references() {
    return uid.isEmpty()
        ? array()
        : array(
            object(
                "apiVersion",
                apiVersion,
                "kind",
                "Workspace",
                "name",
                key.name(),
                "uid",
                uid,
                "controller",
                true,
                "blockOwnerDeletion",
                true));
  }
}
