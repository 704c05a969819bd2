package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.core.engine.Observation.ObservedWorkspace;

/** What has happened between two looks at the status of one Workspace. Pure. */
final class Transitions {
  private Transitions() {}

  /**
   * The part of a status that events are made of.
   *
   * @param reason why it is not ready, of the first condition that says so
   */
  record Seen(
      boolean deleting,
      boolean nodesReady,
      boolean ready,
      boolean stalled,
      String reason,
      String message) {}

  static Seen of(ObservedWorkspace workspace) {
    JsonNode conditions = workspace.status().path("conditions");
    boolean stalled = isTrue(conditions, "Stalled");
    JsonNode why =
        stalled
            ? find(conditions, "Stalled")
            : firstNotTrue(
                conditions, "ResourceReady", "InferenceReady", "JobStarted", "WorkspaceSucceeded");
    return new Seen(
        workspace.deleting(),
        isTrue(conditions, "ResourceReady"),
        isTrue(conditions, "WorkspaceSucceeded"),
        stalled,
        why.path("reason").asText(""),
        why.path("message").asText(""));
  }

  /**
   * In which of the phases of {@code kaito_workspace_count} it is: {@code deleting}, {@code error},
   * {@code succeeded} or {@code pending}.
   */
  static String phase(ObservedWorkspace workspace) {
    Seen seen = of(workspace);
    return seen.deleting()
        ? "deleting"
        : seen.stalled() ? "error" : seen.ready() ? "succeeded" : "pending";
  }

  /**
   * The events from one look to the next.
   *
   * @param before null at the first look: what was so before is no news
   */
  static List<EngineEvent> between(@Nullable Seen before, Seen now, ObservedWorkspace workspace) {
    List<EngineEvent> events = new ArrayList<>();
    if (before == null || before.equals(now)) {
      return events;
    }
    if (!before.nodesReady() && now.nodesReady()) {
      events.add(new EngineEvent.NodesReady(workspace.key()));
    }
    if (!before.ready() && now.ready()) {
      events.add(new EngineEvent.Ready(workspace.key()));
    } else if (before.ready() && !now.ready() && !now.deleting()) {
      events.add(new EngineEvent.NotReady(workspace.key(), now.reason(), now.message()));
    }
    boolean otherTrouble = !before.stalled() || !before.reason().equals(now.reason());
    if (now.stalled() && otherTrouble) {
      events.add(new EngineEvent.Failed(workspace.key(), now.reason(), now.message()));
    }
    if (!before.deleting() && now.deleting()) {
      events.add(new EngineEvent.Deleting(workspace.key()));
    }
    return events;
  }

  private static boolean isTrue(JsonNode conditions, String type) {
    return find(conditions, type).path("status").asText().equals("True");
  }

  private static JsonNode find(JsonNode conditions, String type) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    return conditions.path("");
  }

  private static JsonNode firstNotTrue(JsonNode conditions, String... types) {
    for (String type : types) {
      JsonNode condition = find(conditions, type);
      if (!condition.isMissingNode() && !condition.path("status").asText().equals("True")) {
        return condition;
      }
    }
    return conditions.path("");
  }
}
