package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Conditions as {@code metav1.Condition} lays them down. Pure. */
final class Conditions {

  /** The API server refuses longer messages ({@code maxLength} of metav1.Condition). */
  private static final int MAX_MESSAGE = 32768;

  private static final int MAX_REASON = 1024;

  private Conditions() {}

  /**
   * One wanted condition.
   *
   * @param status {@code True}, {@code False} or {@code Unknown}
   * @param reason CamelCase, never empty
   */
  record Wanted(String type, String status, String reason, String message) {
    static Wanted of(String type, boolean status, String reason, String message) {
      return new Wanted(type, status ? "True" : "False", reason, message);
    }
  }

  /**
   * The observed list with the wanted conditions in it. Conditions of other types stay as they are
   * and where they are; {@code lastTransitionTime} moves only when the status of a type changes.
   */
  static ArrayNode merge(JsonNode observed, Iterable<Wanted> wanted, long generation, Instant now) {
    Map<String, JsonNode> byType = new LinkedHashMap<>();
    for (JsonNode condition : observed) {
      byType.put(condition.path("type").asText(), condition);
    }
    for (Wanted want : wanted) {
      JsonNode old = byType.get(want.type());
      boolean sameStatus = old != null && old.path("status").asText().equals(want.status());
      byType.put(
          want.type(),
          object(
              "type",
              want.type(),
              "status",
              want.status(),
              "observedGeneration",
              generation,
              "lastTransitionTime",
              old != null && sameStatus && old.hasNonNull("lastTransitionTime")
                  ? old.get("lastTransitionTime").asText()
                  : now.truncatedTo(ChronoUnit.SECONDS).toString(),
              "reason",
              reason(want.reason()),
              "message",
              cut(want.message())));
    }
    ArrayNode merged = JsonNodeFactory.instance.arrayNode();
    byType.values().forEach(merged::add);
    return merged;
  }

  /**
   * A reason that the API server takes ({@code ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$}, at most
   * 1024): a provider's own code may be anything.
   */
  static String reason(String code) {
    if (isPlain(code)) {
      return code;
    }
    String legal =
        code.replaceAll("[^A-Za-z0-9_,:]", "_")
            .replaceAll("^[^A-Za-z]+", "")
            .replaceAll("[,:]+$", "");
    String cut = legal.length() <= MAX_REASON ? legal : legal.substring(0, MAX_REASON - 1) + "_";
    return cut.isEmpty() ? "ProvisionFailed" : cut;
  }

  /** Whether it is legal as it is, as all reasons of our own are. */
  private static boolean isPlain(String code) {
    for (int i = 0; i < code.length(); i++) {
      char c = code.charAt(i);
      if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
        return false;
      }
    }
    return !code.isEmpty() && code.length() <= MAX_REASON;
  }

  private static String cut(String message) {
    return cut(message, MAX_MESSAGE);
  }

  /** At most so many characters, and no half of one that takes two. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
  }
}
