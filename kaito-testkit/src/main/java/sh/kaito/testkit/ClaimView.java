package sh.kaito.testkit;

import java.util.Map;

/**
 * A claim as the rule sees it that decides on its {@link ClaimBehavior}.
 *
 * @param name of the NodeClaim
 * @param labels of the NodeClaim
 * @param instanceType first value of requirement {@code node.kubernetes.io/instance-type}; empty
 *     when the claim names none
 * @param ordinal how many claims the simulator had seen before this one
 */
public record ClaimView(String name, Map<String, String> labels, String instanceType, int ordinal) {
  public ClaimView {
    labels = Map.copyOf(labels);
  }
}
