package sh.kaito.testkit.exploration;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether what the status tells is so: a Workspace that calls itself ready without a ready
 * pod sends its callers into the void.
 */
final class Told {
  private final World world;
  private final Duration lag;
  private @Nullable Instant wrongSince;

  /**
   * @param lag so long it may tell what is no more
   */
  Told(World world, Duration lag) {
    this.world = world;
    this.lag = lag;
  }

  /** Looks now; fails when it has been wrong for too long. */
  void check() {
    if (!isWrong()) {
      wrongSince = null;
      return;
    }
    Instant now = world.time.now();
    Instant since = wrongSince == null ? now : wrongSince;
    wrongSince = since;
    if (since.plus(lag).isBefore(now)) {
      throw new AssertionError("the Workspace says that it is ready, and no pod of it is");
    }
  }

  private boolean isWrong() {
    for (JsonNode workspace : world.list("/apis/kaito.sh/v1beta1/workspaces")) {
      // Of one that is being deleted the state is what it was, as upstream's API has it; the
      // condition
      // WorkspaceDeleting tells.
      if (workspace.at("/status/state").asText().equals("Ready")
          && !workspace.path("metadata").has("deletionTimestamp")) {
        return !hasReadyPod();
      }
    }
    return false;
  }

  private boolean hasReadyPod() {
    for (JsonNode pod : world.list("/api/v1/namespaces/default/pods")) {
      for (JsonNode condition : pod.at("/status/conditions")) {
        if (condition.path("type").asText().equals("Ready")
            && condition.path("status").asText().equals("True")) {
          return true;
        }
      }
    }
    return false;
  }
}
