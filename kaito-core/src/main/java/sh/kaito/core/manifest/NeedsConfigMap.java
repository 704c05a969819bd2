package sh.kaito.core.manifest;

/**
 * A ConfigMap that the Workspace names is not there, or lacks its key. Nothing is wrong with the
 * Workspace: as soon as the ConfigMap exists the objects can be made.
 *
 * @param name of the ConfigMap, in the namespace of the Workspace
 * @param key the key whose text is read
 * @param path where the Workspace names it, such as {@code inference.config}
 */
public record NeedsConfigMap(String name, String key, String path) implements RenderOutcome {
  @Override
  public String toString() {
    return path + ": waiting for ConfigMap " + name + " with key " + key;
  }
}
