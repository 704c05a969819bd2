package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.Objects;

/** One container of a running pod: its state as the kubelet reports it. */
final class Container {
  /**
   * A restart waits 10 s, then twice as long each time, at most 5 minutes: the kubelet's figures.
   */
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);

  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(5);

  /** Where a container stands. */
  enum State {
    WAITING,
    RUNNING,
    TERMINATED
  }

  final JsonNode spec;
  final String name;
  final boolean init;
  final boolean sidecar;

  State state = State.WAITING;
  String reason;
  String message = "";
  int exitCode;
  int restarts;
  int crashes;

  /** Failed pulls of its image. */
  int pulls;

  boolean started;
  boolean ready;

  /** Counts starts, so that a timer of an earlier start knows that it is late. */
  int generation;

  @Nullable Instant startedAt;
  @Nullable Instant finishedAt;
  @Nullable Instant pullFailedAt;
  @Nullable ObjectNode last;

  Container(JsonNode spec, boolean init, String reason) {
    this.spec = spec;
    this.name = Objects.text(spec, "name");
    this.init = init;
    this.sidecar = init && Objects.text(spec, "restartPolicy").equals("Always");
    this.reason = reason;
  }

  void waiting(String why, String words) {
    state = State.WAITING;
    reason = why;
    message = words;
  }

  void running(Instant now) {
    state = State.RUNNING;
    reason = "";
    message = "";
    startedAt = now;
    finishedAt = null;
    generation++;
    started = !spec.has("startupProbe");
    ready = false;
  }

  void terminated(int code, String why, String words, Instant now) {
    state = State.TERMINATED;
    exitCode = code;
    reason = why;
    message = words;
    finishedAt = now;
    generation++;
    started = false;
    // A finished init container counts as ready.
    ready = init && code == 0;
  }

  /** Keeps the end that is over as the last one. */
  void keepEnd() {
    last = stateJson();
  }

  /** How long the next restart waits; zero for the first. */
  Duration backoff() {
    return crashes <= 1 ? Duration.ZERO : backoff(crashes - 1);
  }

  /** How long a kubelet waits after so many failures of one kind. */
  static Duration backoff(int failures) {
    Duration delay = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, 10));
    return delay.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : delay;
  }

  boolean isRunning() {
    return state == State.RUNNING;
  }

  boolean isDone() {
    return state == State.TERMINATED;
  }

  ObjectNode status(String podUid) {
    String image = Objects.text(spec, "image");
    ObjectNode status =
        Objects.object()
            .put("name", name)
            .put("image", image)
            .put("imageID", startedAt == null ? "" : "simulated://" + image)
            .put("ready", ready)
            .put("restartCount", restarts)
            .put("started", started);
    if (startedAt != null) {
      status.put("containerID", containerId(podUid));
    }
    status.set("state", stateJson());
    status.set("lastState", last == null ? Objects.object() : last);
    return status;
  }

  private String containerId(String podUid) {
    return "simulated://" + podUid + "/" + name + "/" + restarts;
  }

  private ObjectNode stateJson() {
    ObjectNode result = Objects.object();
    switch (state) {
      case WAITING -> {
        ObjectNode waiting = result.putObject("waiting").put("reason", reason);
        if (!message.isEmpty()) {
          waiting.put("message", message);
        }
      }
      case RUNNING -> result.putObject("running").put("startedAt", time(startedAt));
      case TERMINATED -> {
        ObjectNode terminated =
            result
                .putObject("terminated")
                .put("exitCode", exitCode)
                .put("reason", reason)
                .put("startedAt", time(startedAt))
                .put("finishedAt", time(finishedAt));
        if (!message.isEmpty()) {
          terminated.put("message", message);
        }
      }
    }
    return result;
  }

  private static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : Objects.time(instant);
  }
}
