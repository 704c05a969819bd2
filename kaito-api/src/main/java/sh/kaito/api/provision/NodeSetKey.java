package sh.kaito.api.provision;

/**
 * Names a set of nodes: who wants it, and which of the owner's sets.
 *
 * @param namespace namespace of the owner
 * @param name name of the owner
 * @param ownerUid {@code metadata.uid} of the owner; a re-created owner of the same name is another
 * @param set name of the set within the owner; a Workspace has one, {@code workers}
 */
public record NodeSetKey(String namespace, String name, String ownerUid, String set) {
  /** The one set of a Workspace. */
  public static final String WORKERS = "workers";

  /** {@code namespace/name}. */
  public String owner() {
    return namespace + "/" + name;
  }
}
