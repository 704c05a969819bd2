package sh.kaito.api.model;

import java.util.List;
import java.util.Objects;

/**
 * What a file of manifests holds.
 *
 * @param workspaces the Workspaces, checked, in the order of the text; those inside lists included
 * @param others the other documents, unchecked, in the order of the text
 */
public record WorkspaceManifests(List<Workspace> workspaces, List<ManifestDocument> others) {
  public WorkspaceManifests {
    workspaces = List.copyOf(Objects.requireNonNull(workspaces, "workspaces"));
    others = List.copyOf(Objects.requireNonNull(others, "others"));
  }
}
