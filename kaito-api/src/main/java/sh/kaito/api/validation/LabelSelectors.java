package sh.kaito.api.validation;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Label selectors as plain labels. */
final class LabelSelectors {

  private LabelSelectors() {}

  /** The labels that a selector names; empty where it says more than labels can. */
  static Optional<Map<String, String>> labels(V1LabelSelector selector) {
    Map<String, String> labels = new TreeMap<>();
    if (selector.getMatchLabels() != null) {
      labels.putAll(selector.getMatchLabels());
    }
    for (V1LabelSelectorRequirement requirement : requirements(selector)) {
      if (!isLabel(requirement)) {
        return Optional.empty();
      }
      String value = requirement.getValues().get(0);
      String other = labels.putIfAbsent(requirement.getKey(), value);
      if (other != null && !other.equals(value)) {
        return Optional.empty();
      }
    }
    return Optional.of(labels);
  }

  static List<V1LabelSelectorRequirement> requirements(V1LabelSelector selector) {
    List<V1LabelSelectorRequirement> requirements = selector.getMatchExpressions();
    return requirements == null ? List.of() : requirements;
  }

  /** Operator {@code In} with exactly one value. */
  static boolean isLabel(V1LabelSelectorRequirement requirement) {
    return "In".equals(requirement.getOperator())
        && requirement.getKey() != null
        && requirement.getValues() != null
        && requirement.getValues().size() == 1;
  }
}
