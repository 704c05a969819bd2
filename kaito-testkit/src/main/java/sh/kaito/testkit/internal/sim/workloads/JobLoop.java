package sh.kaito.testkit.internal.sim.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;

/**
 * The Job controller: parallelism, completions, back-off, active deadline, suspension, time to live
 * after the end. Pods are counted while they exist; finished ones carry no tracking finalizer.
 * Indexed completion and failure policies are not played.
 */
public final class JobLoop {
  /** Between failures: 10 s, doubled each time, at most 6 minutes. */
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);

  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(6);

  private final SimCluster cluster;
  private final ObjectCache jobs;
  private final ObjectCache pods;

  /** What the status does not say, by UID of the Job. */
  private final Map<String, Memory> memories = new HashMap<>();

  private static final class Memory {
    int names;
    int failuresSeen;
    Instant mayStart = Instant.MIN;
  }

  public JobLoop(SimCluster cluster) {
    this.cluster = cluster;
    this.jobs = cluster.watch(Kind.JOB);
    this.pods = cluster.watch(Kind.POD);
    KeyedLoop loop = new KeyedLoop("simulated-job-controller", cluster, this::decide);
    WorkloadCaches.wakeSelf(jobs, loop);
    jobs.listen(
        (before, after) -> {
          if (after == null && before != null) {
            memories.remove(Objects.uid(before));
          }
        });
    WorkloadCaches.wakeOwner(pods, Kind.JOB, loop);
  }

  private Step decide(String key) {
    JsonNode job = jobs.get(key);
    if (job == null || Objects.isDeleting(job)) {
      return Step.idle();
    }
    Instant now = cluster.now();
    if (Objects.isTrue(job, "Complete") || Objects.isTrue(job, "Failed")) {
      return afterEnd(job, now);
    }
    Memory memory = memories.computeIfAbsent(Objects.uid(job), uid -> new Memory());
    List<JsonNode> active = new ArrayList<>();
    int ready = 0;
    int terminating = 0;
    int succeeded = 0;
    int failed = 0;
    for (JsonNode pod : pods.find(WorkloadCaches.BY_OWNER, Objects.uid(job))) {
      String phase = Objects.text(pod, "status", "phase");
      if (phase.equals("Succeeded")) {
        succeeded++;
      } else if (phase.equals("Failed")) {
        failed++;
      } else if (Objects.isDeleting(pod)) {
        terminating++;
      } else {
        active.add(pod);
        ready += PodTemplates.isReady(pod) ? 1 : 0;
      }
    }
    // Pods that ended and were removed since stay counted.
    succeeded = Math.max(succeeded, job.path("status").path("succeeded").asInt(0));
    failed = Math.max(failed, job.path("status").path("failed").asInt(0));
    if (failed > memory.failuresSeen) {
      memory.failuresSeen = failed;
      memory.mayStart = now.plus(backoff(failed));
    }

    JsonNode spec = job.path("spec");
    int completions = spec.path("completions").asInt(spec.path("parallelism").asInt(1));
    Instant started = Objects.instant(Objects.text(job, "status", "startTime")).orElse(now);
    Instant deadline =
        spec.has("activeDeadlineSeconds")
            ? started.plusSeconds(spec.path("activeDeadlineSeconds").asLong())
            : Instant.MAX;
    boolean complete = succeeded >= completions;
    boolean tooMany = failed > spec.path("backoffLimit").asInt(6);
    boolean tooLate = !now.isBefore(deadline);
    boolean suspended = spec.path("suspend").asBoolean(false);
    boolean over = complete || tooMany || tooLate;
    if ((over || suspended) && !active.isEmpty()) {
      return Requests.delete(Kind.POD, active.get(0));
    }
    Instant wake = deadline;
    int wanted = Math.min(spec.path("parallelism").asInt(1), completions - succeeded);
    if (!over && !suspended && active.size() < wanted) {
      if (!now.isBefore(memory.mayStart)) {
        return Requests.create(Kind.POD, pod(job, memory));
      }
      wake = memory.mayStart.isBefore(deadline) ? memory.mayStart : deadline;
    }
    ObjectNode status =
        Objects.object()
            .put("active", active.size())
            .put("ready", ready)
            .put("succeeded", succeeded)
            .put("failed", failed)
            .put("terminating", terminating);
    status.putObject("uncountedTerminatedPods");
    if (!suspended) {
      status.put("startTime", Objects.time(started));
    }
    // Whole once nothing of it runs: the API server insists on it.
    if (over && terminating == 0) {
      ArrayNode conditions = status.putArray("conditions");
      if (complete) {
        status.put("completionTime", Objects.time(now));
        String message = "Reached expected number of succeeded pods";
        end(conditions, "SuccessCriteriaMet", "CompletionsReached", message, now);
        end(conditions, "Complete", "CompletionsReached", message, now);
      } else {
        String reason = tooMany ? "BackoffLimitExceeded" : "DeadlineExceeded";
        String message =
            tooMany
                ? "Job has reached the specified backoff limit"
                : "Job was active longer than specified deadline";
        end(conditions, "FailureTarget", reason, message, now);
        end(conditions, "Failed", reason, message, now);
      }
    }
    if (!Objects.says(job.path("status"), status)) {
      return Requests.patchStatus(Kind.JOB, job, status);
    }
    return wake.equals(Instant.MAX) ? Step.idle() : Step.wake(wake);
  }

  private static Duration backoff(int failures) {
    Duration delay = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, 10));
    return delay.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : delay;
  }

  private static void end(
      ArrayNode conditions, String type, String reason, String message, Instant now) {
    conditions
        .addObject()
        .put("type", type)
        .put("status", "True")
        .put("reason", reason)
        .put("message", message)
        .put("lastProbeTime", Objects.time(now))
        .put("lastTransitionTime", Objects.time(now));
  }

  private ObjectNode pod(JsonNode job, Memory memory) {
    String prefix = Objects.name(job) + "-";
    String name;
    do {
      name = prefix + PodTemplates.suffix(Objects.uid(job), ++memory.names);
    } while (pods.get(Objects.namespace(job) + "/" + name) != null);
    ObjectNode pod =
        PodTemplates.pod(
            Kind.JOB,
            job,
            name,
            Map.of(
                "batch.kubernetes.io/controller-uid", Objects.uid(job),
                "batch.kubernetes.io/job-name", Objects.name(job),
                "controller-uid", Objects.uid(job),
                "job-name", Objects.name(job)));
    ((ObjectNode) pod.path("metadata")).put("generateName", prefix);
    return pod;
  }

  private Step afterEnd(JsonNode job, Instant now) {
    JsonNode ttl = job.path("spec").path("ttlSecondsAfterFinished");
    if (!ttl.isNumber()) {
      return Step.idle();
    }
    JsonNode end =
        Objects.isTrue(job, "Complete")
            ? Objects.condition(job, "Complete")
            : Objects.condition(job, "Failed");
    Instant due =
        Objects.instant(end == null ? "" : Objects.text(end, "lastTransitionTime"))
            .orElse(now)
            .plusSeconds(ttl.asLong());
    return now.isBefore(due) ? Step.wake(due) : Requests.deleteForeground(Kind.JOB, job);
  }
}
