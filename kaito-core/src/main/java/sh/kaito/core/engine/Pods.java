package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.ConditionReasons;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.Observation.Trouble;

/** Reads pods into what decisions need of them. Lenient, pure. */
final class Pods {
  /** Waiting reasons that mean that an image does not come (kubelet, pkg/kubelet/images). */
  private static final Set<String> PULL =
      Set.of(
          "ImagePullBackOff",
          "ErrImagePull",
          "InvalidImageName",
          "ErrImageNeverPull",
          "ImageInspectError",
          "RegistryUnavailable");

  /** Waiting reasons that mean that a container cannot be made or started. */
  private static final Set<String> START =
      Set.of(
          "CreateContainerConfigError",
          "PreCreateHookError",
          "CreateContainerError",
          "PreStartHookError",
          "RunContainerError",
          "PostStartHookError");

  /** Of what a container said at its end so many characters are told: the last are the reason. */
  private static final int LAST_WORDS = 497;

  /** Names the container that does the work, for kubectl and for us. */
  private static final String MAIN = "kubectl.kubernetes.io/default-container";

  private Pods() {}

  /** A pod as the cache keeps it, with what finds it. */
  record CachedPod(WorkspaceKey workspace, Observation.ObservedPod pod) {}

  /** A pod; null when no Workspace's label is on it. */
  static @Nullable CachedPod decode(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    String workspace = metadata.path("labels").path(KaitoLabels.WORKSPACE).asText();
    if (workspace.isEmpty()) {
      return null;
    }
    JsonNode status = object.path("status");
    JsonNode conditions = status.path("conditions");
    return new CachedPod(
        new WorkspaceKey(metadata.path("namespace").asText(), workspace),
        new Observation.ObservedPod(
            metadata.path("name").asText(),
            Decoders.controllerUid(metadata),
            Decoders.conditionIs(conditions, "Ready", "True"),
            metadata.hasNonNull("deletionTimestamp"),
            hasStarted(status, metadata.path("annotations").path(MAIN).asText()),
            since(conditions, "PodScheduled"),
            loadingSince(status),
            trouble(status)));
  }

  /**
   * Since when its server loads: since its init containers were done and its images there, or since
   * it was ready the last time and its container was started again.
   */
  private static Optional<Instant> loadingSince(JsonNode status) {
    JsonNode conditions = status.path("conditions");
    Optional<Instant> initialized = since(conditions, "Initialized", "True");
    Optional<Instant> lost = since(conditions, "Ready", "False");
    Optional<Instant> since = initialized.map(time -> lost.filter(time::isBefore).orElse(time));
    // A pod without init containers counts as initialized before anything was pulled.
    for (JsonNode container : status.path("containerStatuses")) {
      if (container.path("restartCount").asInt() == 0) {
        if (container.path("state").has("waiting")
            && !container.path("lastState").has("terminated")) {
          return Optional.empty();
        }
        Optional<Instant> started = time(container.at("/state/running/startedAt").asText());
        since = since.map(time -> started.filter(time::isBefore).orElse(time));
      }
    }
    return since;
  }

  private static Optional<Instant> since(JsonNode conditions, String type) {
    return since(conditions, type, "True");
  }

  /** When a condition took this status; empty while it has another. */
  private static Optional<Instant> since(JsonNode conditions, String type, String status) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals(type)
          && condition.path("status").asText().equals(status)) {
        return time(condition.path("lastTransitionTime").asText());
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      // A kubelet always writes it; without it there is no deadline to count from.
      return Optional.empty();
    }
  }

  private static boolean hasStarted(JsonNode status, String main) {
    for (String list : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode container : status.path(list)) {
        boolean isMain =
            main.isEmpty()
                ? list.equals("containerStatuses")
                : container.path("name").asText().equals(main);
        JsonNode state = container.path("state");
        if (isMain
            && (state.has("running")
                || state.has("terminated")
                || container.path("lastState").has("terminated"))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The worst thing that a pod's status tells, in upstream's order. */
  private static Trouble trouble(JsonNode status) {
    Trouble worst = Trouble.NONE;
    int rank = Integer.MAX_VALUE;
    for (String list : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode container : status.path(list)) {
        int found = rank(container);
        if (found < rank) {
          rank = found;
          worst = trouble(container, found);
        }
      }
    }
    if (worst.isNone() && status.path("reason").asText().equals("Evicted")) {
      return new Trouble(ConditionReasons.POD_EVICTED, status.path("message").asText());
    }
    if (worst.isNone() && status.path("phase").asText().equals("Failed")) {
      return failure(status);
    }
    if (worst.isNone()) {
      for (JsonNode condition : status.path("conditions")) {
        if (condition.path("type").asText().equals("PodScheduled")
            && condition.path("reason").asText().equals("Unschedulable")) {
          return new Trouble(ConditionReasons.UNSCHEDULABLE, condition.path("message").asText());
        }
      }
    }
    return worst;
  }

  /** The first program that failed in a pod that is over. */
  private static Trouble failure(JsonNode status) {
    for (String list : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode container : status.path(list)) {
        JsonNode end = container.path("state").path("terminated");
        int code = end.path("exitCode").asInt();
        if (code != 0) {
          String log = lastLines(end.path("message").asText());
          return new Trouble(
              ConditionReasons.CONTAINER_FAILED,
              "container "
                  + container.path("name").asText()
                  + " ended with exit code "
                  + code
                  + (log.isEmpty() ? "" : ": " + log));
        }
      }
    }
    return Trouble.NONE;
  }

  private static String lastLines(String log) {
    List<String> lines = log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    String last =
        String.join("; ", lines.subList(Math.max(0, lines.size() - 3), lines.size()))
            // It is a program's own text: no line of a log, no terminal, may be made of it.
            .replaceAll("\\p{Cntrl}", " ");
    int length = last.codePointCount(0, last.length());
    return length <= LAST_WORDS
        ? last
        : "..." + last.substring(last.offsetByCodePoints(0, length - LAST_WORDS));
  }

  private static int rank(JsonNode container) {
    String waiting = container.path("state").path("waiting").path("reason").asText();
    if (!container.path("ready").asBoolean()
        && (isKilled(container.path("state")) || isKilled(container.path("lastState")))) {
      return 1;
    } else if (PULL.contains(waiting)) {
      return 2;
    } else if (START.contains(waiting)) {
      return 3;
    } else if (waiting.equals("CrashLoopBackOff")) {
      return 4;
    }
    return Integer.MAX_VALUE;
  }

  private static boolean isKilled(JsonNode state) {
    return state.path("terminated").path("reason").asText().equals("OOMKilled");
  }

  private static Trouble trouble(JsonNode container, int rank) {
    String name = container.path("name").asText();
    JsonNode waiting = container.path("state").path("waiting");
    String message = waiting.path("message").asText();
    String said =
        "container "
            + name
            + ": "
            + waiting.path("reason").asText()
            + (message.isEmpty() ? "" : ": " + message);
    return switch (rank) {
      case 1 ->
          new Trouble(
              ConditionReasons.CONTAINER_OOM_KILLED, "container " + name + " ran out of memory");
      case 2 -> new Trouble(ConditionReasons.IMAGE_PULL_ERROR, said);
      case 3 -> new Trouble(ConditionReasons.CONTAINER_START_ERROR, said);
      default ->
          new Trouble(
              ConditionReasons.CONTAINER_CRASH_LOOP_BACK_OFF,
              "container " + name + " ends again and again" + lastEnd(container));
    };
  }

  /** How it ended the last time. The pause until the next start is left out: it changes always. */
  private static String lastEnd(JsonNode container) {
    JsonNode end = container.path("lastState").path("terminated");
    if (end.isMissingNode()) {
      return "";
    }
    String message = lastLines(end.path("message").asText());
    return ", the last time with exit code "
        + end.path("exitCode").asInt()
        + (message.isEmpty() ? "; see kubectl logs --previous" : ": " + message);
  }
}
