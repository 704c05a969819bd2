package sh.kaito.core.engine;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import sh.kaito.api.model.WorkspaceKey;

/**
 * Which Workspaces an engine works on.
 *
 * @param namespaces sorted; empty: all, with one watch per kind for the whole cluster
 * @param selector label selector of Workspaces as the API takes it; empty: all
 */
record Scope(Set<String> namespaces, String selector) {
  static final Scope ALL = new Scope(Set.of(), "");

  Scope {
    namespaces = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(namespaces));
  }

  /** What to list and watch, one by one: namespaces, or "" for the whole cluster. */
  List<String> watched() {
    return namespaces.isEmpty() ? List.of("") : List.copyOf(namespaces);
  }

  /** Whether a key can be ours; of the selector the watch of Workspaces tells. */
  boolean covers(WorkspaceKey key) {
    return namespaces.isEmpty() || namespaces.contains(key.namespace());
  }
}
