package sh.kaito.core.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.validation.Violation;

/** A comparison as JSON; the schema is described at {@link PlanDiff#toJson()}. */
final class PlanDiffJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private PlanDiffJson() {}

  static String of(PlanDiff diff) {
    ObjectNode root = JSON.objectNode();
    root.put("schemaVersion", 1);
    WorkspaceKey key = diff.workspace();
    root.putObject("workspace").put("namespace", key.namespace()).put("name", key.name());
    root.put("effect", diff.effect().text());
    ArrayNode changes = root.putArray("changes");
    for (FieldChange change : diff.changes()) {
      ObjectNode node = changes.addObject();
      node.put("path", change.path()).put("kind", change.kind().text());
      change.before().ifPresent(value -> node.put("before", value));
      change.after().ifPresent(value -> node.put("after", value));
      node.put("effect", change.effect().text()).put("reason", change.reason());
    }
    ObjectNode nodes = root.putObject("nodes");
    if (diff.before() instanceof Plan plan) {
      nodes.put("before", plan.nodes().count());
    }
    if (diff.after() instanceof Plan plan) {
      nodes.put("after", plan.nodes().count());
    }
    ArrayNode violations = root.putArray("violations");
    for (Violation violation : diff.violations()) {
      ObjectNode node = violations.addObject();
      violation.rule().ifPresent(rule -> node.put("rule", rule));
      node.put("path", violation.path()).put("message", violation.message());
      violation.action().ifPresent(action -> node.put("action", action));
    }
    return root.toPrettyString();
  }
}
