package sh.kaito.testkit.internal.sim.scheduling;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.sim.Objects;

/** What a pod asks of its node, as the scheduler counts it. Pure. */
public final class PodNeeds {
  private PodNeeds() {}

  /**
   * Requests in thousandths: the containers together, or the largest init container where that is
   * more; sidecars count with the containers.
   */
  public static Map<String, Long> requests(JsonNode pod) {
    Map<String, Long> running = new HashMap<>();
    for (JsonNode container : pod.path("spec").path("containers")) {
      ofContainer(container).forEach((name, value) -> running.merge(name, value, Long::sum));
    }
    Map<String, Long> largest = new HashMap<>();
    for (JsonNode container : pod.path("spec").path("initContainers")) {
      boolean sidecar = Objects.text(container, "restartPolicy").equals("Always");
      ofContainer(container)
          .forEach(
              (name, value) -> {
                if (sidecar) {
                  running.merge(name, value, Long::sum);
                } else {
                  largest.merge(name, value, Math::max);
                }
              });
    }
    largest.forEach((name, value) -> running.merge(name, value, Math::max));
    running.put("pods", 1000L);
    return running;
  }

  private static Map<String, Long> ofContainer(JsonNode container) {
    Map<String, Long> result = new HashMap<>();
    // The API server fills in missing requests from limits; reading both works without it as well.
    Objects.strings(container.path("resources").path("limits"))
        .forEach((name, value) -> result.put(name, Quantity.milli(value)));
    Objects.strings(container.path("resources").path("requests"))
        .forEach((name, value) -> result.put(name, Quantity.milli(value)));
    return result;
  }

  /**
   * The label pairs {@code key=value} that every node for this pod must carry, as far as they are
   * plain: each narrows the search to a few nodes.
   */
  public static List<String> requiredPairs(JsonNode pod) {
    List<String> pairs = new ArrayList<>();
    Objects.strings(pod.path("spec").path("nodeSelector"))
        .forEach((key, value) -> pairs.add(key + "=" + value));
    JsonNode terms = terms(pod);
    if (terms.size() == 1) {
      for (JsonNode expression : terms.get(0).path("matchExpressions")) {
        if (expression.path("operator").asText().equals("In")
            && expression.path("values").size() == 1) {
          pairs.add(
              expression.path("key").asText() + "=" + expression.path("values").get(0).asText());
        }
      }
    }
    return pairs;
  }

  private static JsonNode terms(JsonNode pod) {
    return pod.path("spec")
        .path("affinity")
        .path("nodeAffinity")
        .path("requiredDuringSchedulingIgnoredDuringExecution")
        .path("nodeSelectorTerms");
  }

  /** Whether the node has the labels of nodeSelector and required node affinity. */
  public static boolean matchesAffinity(JsonNode pod, JsonNode node) {
    Map<String, String> labels = Objects.labels(node);
    for (Map.Entry<String, String> wanted :
        Objects.strings(pod.path("spec").path("nodeSelector")).entrySet()) {
      if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    JsonNode terms = terms(pod);
    if (!terms.isArray()) {
      return true;
    }
    for (JsonNode term : terms) {
      if (matchesTerm(term, node, labels)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matchesTerm(JsonNode term, JsonNode node, Map<String, String> labels) {
    // An empty term matches nothing.
    if (term.path("matchExpressions").isEmpty() && term.path("matchFields").isEmpty()) {
      return false;
    }
    for (JsonNode expression : term.path("matchExpressions")) {
      if (!matches(expression, labels)) {
        return false;
      }
    }
    for (JsonNode field : term.path("matchFields")) {
      if (!matches(field, Map.of("metadata.name", Objects.name(node)))) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(JsonNode expression, Map<String, String> labels) {
    String value = labels.get(expression.path("key").asText());
    return switch (expression.path("operator").asText()) {
      case "In" -> value != null && contains(expression.path("values"), value);
      case "NotIn" -> value == null || !contains(expression.path("values"), value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      case "Gt" -> value != null && number(value) > bound(expression);
      case "Lt" -> value != null && number(value) < bound(expression);
      default -> false;
    };
  }

  private static boolean contains(JsonNode values, String value) {
    for (JsonNode candidate : values) {
      if (candidate.asText().equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static double bound(JsonNode expression) {
    return number(expression.path("values").path(0).asText());
  }

  /** NaN of what is no number: every comparison with it is false. */
  private static double number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The first taint that keeps the pod away, as {@code {key: value}}; empty when none does. */
  public static String untoleratedTaint(JsonNode pod, JsonNode node) {
    if (!Objects.isTrue(node, "Ready")
        && !tolerates(pod, "node.kubernetes.io/not-ready", "", "NoSchedule")) {
      // A node controller would have put this taint on it.
      return "{node.kubernetes.io/not-ready: }";
    }
    for (JsonNode taint : node.path("spec").path("taints")) {
      String key = taint.path("key").asText();
      String value = taint.path("value").asText("");
      String effect = taint.path("effect").asText();
      if (!effect.equals("PreferNoSchedule") && !tolerates(pod, key, value, effect)) {
        return "{" + key + ": " + value + "}";
      }
    }
    return "";
  }

  private static boolean tolerates(JsonNode pod, String key, String value, String effect) {
    for (JsonNode toleration : pod.path("spec").path("tolerations")) {
      String wantedKey = toleration.path("key").asText("");
      String wantedEffect = toleration.path("effect").asText("");
      boolean exists = toleration.path("operator").asText("Equal").equals("Exists");
      if ((wantedEffect.isEmpty() || wantedEffect.equals(effect))
          && (wantedKey.isEmpty() ? exists : wantedKey.equals(key))
          && (exists || toleration.path("value").asText("").equals(value))) {
        return true;
      }
    }
    return false;
  }
}
