package sh.kaito.api.provision;

import java.util.List;
import java.util.Map;

/**
 * What ties pods to the nodes of a set.
 *
 * @param labels node labels for a required node affinity, each with one value
 * @param taints taints of the nodes, to be tolerated
 */
public record NodeConstraints(Map<String, String> labels, List<Taint> taints) {

  /**
   * A node taint.
   *
   * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
   */
  public record Taint(String key, String value, String effect) {}
}
