package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.kubernetes.client.custom.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what somebody changed of an object that this library made. What is rendered must be in what
 * is observed; fields beyond it are defaults of the server or other managers', and theirs to keep.
 * Pure.
 */
final class Drift {
  /** Keys that name an element of a list, first come first served. */
  private static final List<String> IDENTITIES =
      List.of("name", "mountPath", "containerPort", "port", "key", "ip");

  /** Fields below which values are quantities, of which there are many spellings. */
  private static final Set<String> QUANTITIES = Set.of("limits", "requests", "sizeLimit");

  private final List<String> paths = new ArrayList<>();

  private Drift() {}

  /**
   * Compares.
   *
   * @return JSON paths of what differs, at most ten; empty when nothing does
   */
  static List<String> of(JsonNode rendered, JsonNode observed) {
    Drift drift = new Drift();
    drift.compare("", rendered, observed, false);
    return drift.paths.size() <= 10 ? drift.paths : drift.paths.subList(0, 10);
  }

  private void compare(String path, JsonNode rendered, JsonNode observed, boolean quantity) {
    if (isEmpty(observed) && (isEmpty(rendered) || isZero(rendered))) {
      return;
    }
    if (rendered.isObject()) {
      for (Map.Entry<String, JsonNode> field : rendered.properties()) {
        String at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
        compare(
            at,
            field.getValue(),
            observed.path(field.getKey()),
            quantity || QUANTITIES.contains(field.getKey()));
      }
    } else if (rendered.isArray()) {
      compareLists(path, rendered, observed, quantity);
    } else if (!same(rendered, observed, quantity)) {
      paths.add(path);
    }
  }

  private void compareLists(String path, JsonNode rendered, JsonNode observed, boolean quantity) {
    Optional<String> identity = identity(rendered);
    if (identity.isEmpty() && rendered.size() != observed.size()) {
      paths.add(path);
      return;
    }
    for (int i = 0; i < rendered.size(); i++) {
      JsonNode element = rendered.get(i);
      if (identity.isEmpty()) {
        compare(path + "[" + i + "]", element, observed.path(i), quantity);
      } else {
        String value = element.path(identity.get()).asText();
        JsonNode counterpart = find(observed, identity.get(), value);
        String at = path + "[" + identity.get() + "=" + value + "]";
        if (counterpart == null) {
          paths.add(at);
        } else {
          compare(at, element, counterpart, quantity);
        }
      }
    }
  }

  /** The key that all elements have, each with a value of its own. */
  private static Optional<String> identity(JsonNode list) {
    return IDENTITIES.stream()
        .filter(
            key -> {
              List<String> values = new ArrayList<>();
              list.forEach(element -> values.add(element.path(key).asText()));
              return !values.isEmpty()
                  && values.stream().noneMatch(String::isEmpty)
                  && values.stream().distinct().count() == values.size();
            })
        .findFirst();
  }

  private static @Nullable JsonNode find(JsonNode list, String key, String value) {
    for (JsonNode element : list) {
      if (element.path(key).asText().equals(value)) {
        return element;
      }
    }
    return null;
  }

  private static boolean isEmpty(JsonNode node) {
    return node.isMissingNode()
        || node.isNull()
        || (node.isContainerNode() && node.isEmpty())
        || (node.isTextual() && node.asText().isEmpty());
  }

  /** The server leaves out what says no more than its absence. */
  private static boolean isZero(JsonNode node) {
    return (node.isBoolean() && !node.asBoolean()) || (node.isNumber() && node.asDouble() == 0);
  }

  private static boolean same(JsonNode rendered, JsonNode observed, boolean quantity) {
    if (observed.isMissingNode() || observed.isContainerNode()) {
      return false;
    }
    String wanted = rendered.asText();
    String found = observed.asText();
    return wanted.equals(found) || (quantity && amount(wanted).equals(amount(found)));
  }

  private static Object amount(String quantity) {
    try {
      return Quantity.fromString(quantity).getNumber().stripTrailingZeros();
    } catch (RuntimeException e) {
      // Not a quantity after all: compared as text.
      return quantity;
    }
  }
}
