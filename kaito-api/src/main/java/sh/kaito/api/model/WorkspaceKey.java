package sh.kaito.api.model;

import java.util.Objects;

/**
 * Names one {@link Workspace} in a cluster.
 *
 * @param namespace its namespace
 * @param name its name
 */
public record WorkspaceKey(String namespace, String name) implements Comparable<WorkspaceKey> {

  /** The namespace that Kubernetes assumes where a manifest names none. */
  public static final String DEFAULT_NAMESPACE = "default";

  public WorkspaceKey {
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(name, "name");
  }

  /** A key in the namespace {@code default}. */
  public static WorkspaceKey of(String name) {
    return new WorkspaceKey(DEFAULT_NAMESPACE, name);
  }

  /** A key. */
  public static WorkspaceKey of(String namespace, String name) {
    return new WorkspaceKey(namespace, name);
  }

  /** Orders by namespace, then by name. */
  @Override
  public int compareTo(WorkspaceKey other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
