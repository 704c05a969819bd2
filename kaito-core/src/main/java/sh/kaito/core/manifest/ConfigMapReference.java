package sh.kaito.core.manifest;

/**
 * A ConfigMap of the user that counts as part of what a Workspace asks for.
 *
 * @param name of the ConfigMap, in the namespace of the Workspace
 * @param key the key whose text is read
 * @param path where the Workspace names it, such as {@code tuning.config}
 */
public record ConfigMapReference(String name, String key, String path) {}
