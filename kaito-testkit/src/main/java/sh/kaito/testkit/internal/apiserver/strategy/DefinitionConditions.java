package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.json.Json;

/** {@code status.conditions} of a CustomResourceDefinition. Pure functions over trees. */
public final class DefinitionConditions {
  public static final String NAMES_ACCEPTED = "NamesAccepted";
  public static final String ESTABLISHED = "Established";
  public static final String TERMINATING = "Terminating";
  public static final String APPROVED = "KubernetesAPIApprovalPolicyConformant";

  private DefinitionConditions() {}

  /** The condition of a type; null when there is none. */
  public static @Nullable Map<String, Object> find(Map<String, Object> definition, String type) {
    for (Object condition : Trees.items(definition, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Json.asObject(condition);
      }
    }
    return null;
  }

  /** Whether a condition holds. */
  public static boolean isTrue(Map<String, Object> definition, String type) {
    Map<String, Object> condition = find(definition, type);
    return condition != null && Json.text(condition, "status").equals("True");
  }

  /** Sets a condition; its time moves only when its status changes. */
  public static void set(
      Map<String, Object> definition,
      String type,
      boolean holds,
      String reason,
      String message,
      Instant now) {
    Map<String, Object> before = find(definition, type);
    String status = holds ? "True" : "False";
    Object since =
        before != null && status.equals(before.get("status"))
            ? before.get("lastTransitionTime")
            : Dates.seconds(now);
    Map<String, Object> condition =
        Json.objectOf(
            "type", type,
            "status", status,
            "lastTransitionTime", since,
            "reason", reason,
            "message", message);
    List<Object> conditions = new ArrayList<>();
    boolean replaced = false;
    for (Object present : Trees.items(definition, "status", "conditions")) {
      boolean same = Objects.equals(Json.text(present, "type"), type);
      conditions.add(same ? condition : present);
      replaced |= same;
    }
    if (!replaced) {
      conditions.add(condition);
    }
    Trees.child(definition, "status").put("conditions", conditions);
  }
}
