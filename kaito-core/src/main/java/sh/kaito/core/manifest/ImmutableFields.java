package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the API server refuses to change in an existing object. Checked against kube-apiserver 1.35:
 * of a StatefulSet's spec everything but a short list is fixed, of a Deployment's the selector, of
 * a Job's the pod template and what identifies its pods, of a Service's whether it is headless.
 */
final class ImmutableFields {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What of a StatefulSet's spec may change. */
  private static final Set<String> STATEFUL_SET_MUTABLE =
      Set.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "revisionHistoryLimit",
          "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds");

  private static final Map<String, Set<String>> FIXED =
      Map.of(
          "Deployment", Set.of("selector"),
          "Job",
              Set.of("template", "selector", "completionMode", "completions", "podFailurePolicy"),
          "Service", Set.of("clusterIP"));

  private ImmutableFields() {}

  /**
   * What differs.
   *
   * @param template whether a StatefulSet's pod template counts as fixed
   */
  static List<String> differences(byte[] wantedJson, byte[] liveJson, boolean template) {
    JsonNode wanted;
    JsonNode live;
    try {
      wanted = JSON.readTree(wantedJson);
    } catch (IOException e) {
      throw new IllegalStateException("a manifest is well-formed JSON", e);
    }
    try {
      live = JSON.readTree(liveJson);
    } catch (IOException e) {
      throw new IllegalArgumentException("the existing object is not JSON", e);
    }
    if (live == null || !live.isObject()) {
      throw new IllegalArgumentException("the existing object is not a JSON object");
    }
    String kind = wanted.path("kind").asText();
    JsonNode wantedSpec = wanted.path("spec");
    JsonNode liveSpec = live.path("spec");
    List<String> differences = new ArrayList<>();
    for (String field : fixed(kind, wantedSpec, liveSpec)) {
      if (!agrees(wantedSpec.path(field), liveSpec.path(field), kind, field)) {
        differences.add("spec." + field);
      }
    }
    if (template && !contains(liveSpec.path("template"), wantedSpec.path("template"))) {
      differences.add("spec.template");
    }
    return differences;
  }

  private static Set<String> fixed(String kind, JsonNode wanted, JsonNode live) {
    if (!kind.equals("StatefulSet")) {
      return new TreeSet<>(FIXED.getOrDefault(kind, Set.of()));
    }
    Set<String> names = new TreeSet<>();
    wanted.fieldNames().forEachRemaining(names::add);
    live.fieldNames().forEachRemaining(names::add);
    return names.stream()
        .filter(name -> !STATEFUL_SET_MUTABLE.contains(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean agrees(JsonNode wanted, JsonNode live, String kind, String field) {
    if (kind.equals("Service")) {
      // An address is given by the server; only headless or not is ours.
      return wanted.asText().equals("None") == live.asText().equals("None");
    }
    if (wanted.isMissingNode()) {
      return !kind.equals("StatefulSet") || live.isMissingNode() || isDefault(field, live);
    }
    return contains(live, wanted);
  }

  /** What the server writes into a StatefulSet that says nothing. */
  private static boolean isDefault(String field, JsonNode live) {
    return switch (field) {
      case "podManagementPolicy" -> live.asText().equals("OrderedReady");
      case "serviceName" -> live.asText().isEmpty();
      default -> live.isEmpty();
    };
  }

  /** Whether every field that is wanted stands there; what the server added is passed over. */
  private static boolean contains(JsonNode live, JsonNode wanted) {
    if (wanted.isObject()) {
      for (Map.Entry<String, JsonNode> field : wanted.properties()) {
        if (!contains(live.path(field.getKey()), field.getValue())) {
          return false;
        }
      }
      // An empty object such as emptyDir: {} counts by being there.
      return live.isObject();
    }
    if (wanted.isArray()) {
      if (!live.isArray() || live.size() != wanted.size()) {
        return false;
      }
      for (int i = 0; i < wanted.size(); i++) {
        if (!contains(live.get(i), wanted.get(i))) {
          return false;
        }
      }
      return true;
    }
    return wanted.isValueNode() && live.isValueNode() && live.asText().equals(wanted.asText());
  }
}
