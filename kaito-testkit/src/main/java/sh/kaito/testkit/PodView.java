package sh.kaito.testkit;

import java.util.Map;

/**
 * A pod as the rule sees it that decides on its {@link PodBehavior}.
 *
 * @param namespace of the pod
 * @param name of the pod
 * @param labels of the pod
 * @param ordinal how many pods of the same namespace and {@code kaito.sh/workspace} label (or of
 *     the same name, where there is no such label) had been started before this one
 */
public record PodView(String namespace, String name, Map<String, String> labels, int ordinal) {
  public PodView {
    labels = Map.copyOf(labels);
  }
}
