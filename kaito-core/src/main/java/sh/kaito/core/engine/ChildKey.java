package sh.kaito.core.engine;

import sh.kaito.core.internal.kube.ResourceType;

/** One object in the namespace of its Workspace. */
record ChildKey(ResourceType type, String name) {

  /** {@code deployments/chat}. */
  @Override
  public String toString() {
    return type.plural() + "/" + name;
  }
}
