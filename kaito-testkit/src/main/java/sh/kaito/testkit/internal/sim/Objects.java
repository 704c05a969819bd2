package sh.kaito.testkit.internal.sim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads and builds Kubernetes objects as JSON trees. */
public final class Objects {
  public static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private Objects() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static byte[] bytes(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree without text form", e);
    }
  }

  /** Text at a path of field names; empty where something on the way is missing. */
  public static String text(JsonNode object, String... path) {
    JsonNode at = object;
    for (String field : path) {
      at = at.path(field);
    }
    return at.asText("");
  }

  public static String name(JsonNode object) {
    return text(object, "metadata", "name");
  }

  public static String namespace(JsonNode object) {
    return text(object, "metadata", "namespace");
  }

  public static String uid(JsonNode object) {
    return text(object, "metadata", "uid");
  }

  public static String resourceVersion(JsonNode object) {
    return text(object, "metadata", "resourceVersion");
  }

  /** {@code namespace/name}, or the name of a cluster-scoped object. */
  public static String key(JsonNode object) {
    String namespace = namespace(object);
    return namespace.isEmpty() ? name(object) : namespace + "/" + name(object);
  }

  public static boolean isDeleting(JsonNode object) {
    return object.path("metadata").hasNonNull("deletionTimestamp");
  }

  public static int finalizerIndex(JsonNode object, String finalizer) {
    JsonNode finalizers = object.path("metadata").path("finalizers");
    for (int i = 0; i < finalizers.size(); i++) {
      if (finalizers.get(i).asText().equals(finalizer)) {
        return i;
      }
    }
    return -1;
  }

  public static Map<String, String> labels(JsonNode object) {
    return strings(object.path("metadata").path("labels"));
  }

  /** The entries of an object whose values are text. */
  public static Map<String, String> strings(JsonNode map) {
    Map<String, String> result = new LinkedHashMap<>();
    map.properties().forEach(entry -> result.put(entry.getKey(), entry.getValue().asText()));
    return result;
  }

  /** UID of the owner that is its controller; empty when there is none. */
  public static String controllerUid(JsonNode object) {
    for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
      if (owner.path("controller").asBoolean(false)) {
        return owner.path("uid").asText("");
      }
    }
    return "";
  }

  /** A reference that makes the owner the controller. */
  public static ObjectNode ownerReference(Kind kind, JsonNode owner) {
    return object()
        .put("apiVersion", kind.apiVersion())
        .put("kind", kind.kindName())
        .put("name", name(owner))
        .put("uid", uid(owner))
        .put("controller", true)
        .put("blockOwnerDeletion", true);
  }

  /** The condition of a type in {@code status.conditions}. */
  public static @Nullable JsonNode condition(JsonNode object, String type) {
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    return null;
  }

  public static boolean isTrue(JsonNode object, String conditionType) {
    JsonNode condition = condition(object, conditionType);
    return condition != null && condition.path("status").asText().equals("True");
  }

  /** Kubernetes writes whole seconds. */
  public static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  public static Optional<Instant> instant(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Which of two resource versions of one resource is newer: numbers of any length. */
  public static boolean isNewer(String candidate, String than) {
    return candidate.length() != than.length()
        ? candidate.length() > than.length()
        : candidate.compareTo(than) > 0;
  }

  /**
   * Whether a status, or part of one, already says what is wanted: every wanted field is there with
   * the wanted value. Time stamps of conditions do not count.
   */
  public static boolean says(JsonNode actual, JsonNode wanted) {
    if (wanted.isObject()) {
      for (Map.Entry<String, JsonNode> field : wanted.properties()) {
        String name = field.getKey();
        boolean stamp =
            name.equals("lastTransitionTime")
                || name.equals("lastUpdateTime")
                || name.equals("lastProbeTime")
                || name.equals("lastHeartbeatTime");
        JsonNode value = actual.path(name);
        boolean same =
            field.getValue().isNull()
                ? value.isMissingNode() || value.isNull()
                : says(value, field.getValue());
        if (!stamp && !same) {
          return false;
        }
      }
      return actual.isObject() || wanted.isEmpty();
    }
    if (wanted.isArray()) {
      if (actual.size() != wanted.size()) {
        return false;
      }
      for (int i = 0; i < wanted.size(); i++) {
        if (!says(actual.path(i), wanted.get(i))) {
          return false;
        }
      }
      return actual.isArray() || wanted.isEmpty();
    }
    if (wanted.isNumber()) {
      // The API server leaves out counters that are zero.
      return actual.asLong(0) == wanted.asLong();
    }
    return actual.asText("").equals(wanted.asText(""));
  }
}
