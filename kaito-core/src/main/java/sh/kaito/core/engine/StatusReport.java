package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.ConditionReasons;
import sh.kaito.api.model.ConditionType;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.engine.Conditions.Wanted;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.ObservedWorkspace;

/**
 * What the status of a Workspace should say. Pure. Texts do not count along while all goes well, so
 * that a Workspace costs three status writes on its way to ready and not one for every stage of a
 * node.
 */
final class StatusReport {
  private static final Set<String> V1BETA1_ONLY = Set.of("state", "targetNodeCount");

  private static final String SEE_STALLED = "see condition Stalled";

  private final Observation seen;
  private final List<Wanted> conditions = new ArrayList<>();
  private final ObjectNode fields = JsonNodeFactory.instance.objectNode();
  private Optional<Stall> stall = Optional.empty();

  private StatusReport(Observation seen) {
    this.seen = seen;
  }

  /** The specification cannot be done. What runs already goes on, and is told as it is. */
  static StatusReport refused(Observation seen, Intent.Refused refused) {
    StatusReport report = new StatusReport(seen);
    report.stalled(new Stall(refused.reason(), refused.message()));
    boolean nodesKnown = seen.memory().ensured();
    boolean nodesReady = seen.nodes().phase() == NodePhase.READY;
    boolean served =
        (!nodesKnown || nodesReady)
            && seen.workload().map(child -> isServing(seen, child)).orElse(false);
    for (ConditionType type :
        List.of(
            ConditionType.NODE_CLAIM_READY,
            ConditionType.NODES_READY,
            ConditionType.RESOURCE_READY)) {
      boolean kept = seen.workspace().isTrue(type.wireName()) && (!nodesKnown || nodesReady);
      if (!kept && (type == ConditionType.RESOURCE_READY || report.was(type))) {
        report.add(type, false, refused.reason(), SEE_STALLED);
      }
    }
    if (!served && report.was(ConditionType.INFERENCE_READY)) {
      report.add(ConditionType.INFERENCE_READY, false, refused.reason(), SEE_STALLED);
    }
    if (!served) {
      report.add(
          ConditionType.WORKSPACE_SUCCEEDED,
          false,
          ConditionReasons.WORKSPACE_FAILED,
          refused.message());
      report.state(report.wasEstablished() ? "NotReady" : "Pending");
    }
    return report;
  }

  /** Somebody else runs it: what that one says of it stands, and this is told beside it. */
  static StatusReport leftAlone(Observation seen, Intent.Refused why) {
    StatusReport report = new StatusReport(seen);
    report.stalled(new Stall(why.reason(), why.message()));
    return report;
  }

  /** Somebody else runs it, and nothing more is told of it here. */
  static StatusReport silent(Observation seen) {
    StatusReport report = new StatusReport(seen);
    String message = "the Go operator runs this Workspace";
    report.add(ConditionType.RECONCILING, false, Adoption.LEFT, message);
    report.add(ConditionType.STALLED, false, Adoption.LEFT, message);
    return report;
  }

  static StatusReport unreadableLedger(Observation seen, String annotation) {
    StatusReport report = new StatusReport(seen);
    String message =
        "annotation "
            + annotation
            + " cannot be read, so it is not known which nodes were bought: restore it, or delete"
            + " the Workspace, which releases every node that carries its uid";
    report.add(
        ConditionType.WORKSPACE_SUCCEEDED, false, ConditionReasons.WORKSPACE_FAILED, SEE_STALLED);
    report.stalled(new Stall("LedgerUnreadable", message));
    report.state(report.wasEstablished() ? "NotReady" : "Pending");
    return report;
  }

  static StatusReport deleting(Observation seen) {
    StatusReport report = new StatusReport(seen);
    String message =
        seen.nodes()
            .failure()
            .map(failure -> "workspace is being deleted; " + failure.message())
            .orElse("workspace is being deleted; waiting until its nodes are gone");
    report.add(ConditionType.WORKSPACE_DELETING, true, ConditionReasons.WORKSPACE_DELETED, message);
    return report;
  }

  /**
   * A model that is served, or on its way.
   *
   * @param obstacle what stands in the way of the workload, for a person; empty when nothing does
   * @param stall why waiting alone will not help, if it will not
   */
  static StatusReport serving(
      Observation seen, Intent.Run run, String obstacle, Optional<Stall> stall) {
    StatusReport report = new StatusReport(seen);
    boolean nodesReady = seen.areNodesReady(run.count());
    report.nodes(run, nodesReady);
    boolean served = nodesReady && obstacle.isEmpty() && isServed(seen, run);
    report.inference(obstacle, served);
    report.progress(stall, served);
    report.state(served ? "Ready" : report.wasEstablished() ? "NotReady" : "Pending");
    return report;
  }

  /**
   * A Job that trains, or will.
   *
   * @param notice what is worth telling of a training that runs; empty when nothing is
   */
  static StatusReport tuning(
      Observation seen, Intent.Run run, String obstacle, Optional<Stall> stall, String notice) {
    StatusReport report = new StatusReport(seen);
    report.nodes(run, seen.areNodesReady(run.count()));
    boolean started =
        seen.child(run.workload().key())
                .filter(job -> job.ownerUid().equals(seen.workspace().uid()))
                .filter(
                    job ->
                        job.marks().inputHash().equals(run.workload().inputHash())
                            || !notice.isEmpty())
                .isPresent()
            && seen.pods().stream().anyMatch(ObservedPod::mainStarted);
    Optional<ObservedPod> trouble = report.trouble();
    if (started) {
      report.started(notice);
    } else {
      report.add(
          ConditionType.JOB_STARTED,
          false,
          trouble.map(pod -> pod.trouble().reason()).orElse(ConditionReasons.TUNING_JOB_PENDING),
          !obstacle.isEmpty()
              ? obstacle
              : trouble.map(StatusReport::said).orElse("Tuning job has not started yet"));
    }
    report.notCompleted();
    report.progress(stall, false);
    report.state(started ? "Running" : "Pending");
    return report;
  }

  /** A training that goes on although it could not be started anew. */
  static StatusReport training(Observation seen, String notice) {
    StatusReport report = new StatusReport(seen);
    report.started(notice);
    report.notCompleted();
    report.progress(Optional.empty(), false);
    report.state("Running");
    return report;
  }

  private void started(String notice) {
    add(
        ConditionType.JOB_STARTED,
        true,
        ConditionReasons.TUNING_JOB_STARTED,
        notice.isEmpty() ? "Tuning job has started" : notice);
  }

  private void notCompleted() {
    add(
        ConditionType.WORKSPACE_SUCCEEDED,
        false,
        ConditionReasons.WORKSPACE_PENDING,
        "workspace has not completed");
  }

  /** A Job that has ended. Its nodes are not judged any more: nothing of it needs them. */
  static StatusReport finished(Observation seen, Ledger.Finished end, String message) {
    StatusReport report = new StatusReport(seen);
    if (end.succeeded()) {
      report.started("");
      report.add(
          ConditionType.WORKSPACE_SUCCEEDED,
          true,
          ConditionReasons.WORKSPACE_SUCCEEDED,
          "workspace succeeds");
      report.progress(Optional.empty(), true);
    } else {
      // A later look, when the Job itself is gone, knows less: it keeps what was said.
      JsonNode before = seen.workspace().condition(ConditionType.STALLED.wireName());
      String now = "the tuning job failed" + (message.isEmpty() ? "" : ": " + message);
      String earlier = before.path("message").asText();
      boolean same = before.path("reason").asText().equals(ConditionReasons.TUNING_JOB_FAILED);
      String told = same && earlier.startsWith(now) ? earlier : now;
      report.add(ConditionType.JOB_STARTED, false, ConditionReasons.TUNING_JOB_FAILED, SEE_STALLED);
      report.add(ConditionType.WORKSPACE_SUCCEEDED, false, ConditionReasons.WORKSPACE_FAILED, told);
      report.stalled(new Stall(ConditionReasons.TUNING_JOB_FAILED, told));
    }
    report.state(end.succeeded() ? "Succeeded" : "Failed");
    return report;
  }

  private void nodes(Intent.Run run, boolean ready) {
    int count = run.count();
    Optional<ProvisionFailure> failure = seen.nodes().failure();
    boolean wasReady = seen.workspace().isTrue(ConditionType.RESOURCE_READY.wireName());
    String type =
        run.nodes().instanceType().isEmpty() ? "node" + s(count) : run.nodes().instanceType();
    String waiting =
        failure
            .map(ProvisionFailure::message)
            .orElse(wasReady ? lost() : "waiting for " + count + " x " + type + warned());
    if (run.claims()) {
      add(
          ConditionType.NODE_CLAIM_READY,
          ready,
          ready
              ? ConditionReasons.NODE_CLAIMS_READY
              : failure.map(ProvisionFailure::code).orElse(ConditionReasons.NODE_CLAIM_NOT_READY),
          ready ? count + " of " + count + " node claims are ready" : waiting);
    }
    add(
        ConditionType.NODES_READY,
        ready,
        ready ? ConditionReasons.NODES_READY : ConditionReasons.NODE_NOT_READY,
        ready ? count + " of " + count + " nodes are ready with their GPUs" : waiting);
    add(
        ConditionType.RESOURCE_READY,
        ready,
        ready
            ? ConditionReasons.RESOURCE_STATUS_SUCCESS
            : ConditionReasons.RESOURCE_STATUS_NOT_READY,
        ready ? "workspace resource is ready" : waiting);
    fields.put("targetNodeCount", count);
    ArrayNode workers = fields.putArray("workerNodes");
    seen.nodes().slots().stream()
        .filter(slot -> slot.phase() == NodePhase.READY)
        .flatMap(slot -> slot.nodeName().stream())
        .sorted()
        .forEach(workers::add);
  }

  private String warned() {
    String warnings = seen.memory().warnings();
    return warnings.isEmpty() ? "" : "; BUT " + warnings;
  }

  private static String s(int count) {
    return count == 1 ? "" : "s";
  }

  private String lost() {
    return seen.nodes().slots().stream()
        .filter(slot -> slot.phase() != NodePhase.READY)
        .map(slot -> named(slot) + slot.message())
        .findFirst()
        .orElse("nodes are not known yet");
  }

  private static String named(SlotStatus slot) {
    return slot.requestName().isEmpty() ? "" : slot.requestName() + ": ";
  }

  private void inference(String obstacle, boolean served) {
    Optional<ObservedPod> trouble = trouble();
    String reason;
    String message;
    if (served) {
      reason = ConditionReasons.INFERENCE_STATUS_SUCCESS;
      message = "Inference has been deployed successfully";
    } else if (!obstacle.isEmpty()) {
      reason = ConditionReasons.INFERENCE_STATUS_FAILED;
      message = obstacle;
    } else if (trouble.isPresent()) {
      reason = trouble.get().trouble().reason();
      message = said(trouble.get());
    } else {
      reason = ConditionReasons.INFERENCE_STATUS_PENDING;
      message = "Inference workload is not ready";
    }
    add(ConditionType.INFERENCE_READY, served, reason, message);
    add(
        ConditionType.WORKSPACE_SUCCEEDED,
        served,
        served ? ConditionReasons.WORKSPACE_SUCCEEDED : ConditionReasons.WORKSPACE_PENDING,
        served ? "workspace succeeds" : "workspace has not become ready yet");
  }

  private Optional<ObservedPod> trouble() {
    return seen.pods().stream()
        .filter(pod -> !pod.trouble().isNone() && !pod.deleting())
        .findFirst();
  }

  private static String said(ObservedPod pod) {
    return pod.name() + ": " + pod.trouble().message();
  }

  /** The whole ladder: the workload is the wanted one, rolled out, and its pods are ready. */
  private static boolean isServed(Observation seen, Intent.Run run) {
    for (Intent.Child child : run.children()) {
      ObservedChild observed = seen.children().get(child.key());
      if (observed == null
          || observed.deleting()
          || !observed.marks().inputHash().equals(child.inputHash())
          || observed.rollout().replicas() != child.replicas()
          || !isServing(seen, observed)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isServing(Observation seen, ObservedChild child) {
    long readyPods = seen.pods().stream().filter(pod -> pod.ready() && !pod.deleting()).count();
    return child.rollout().isDone() && readyPods >= child.rollout().replicas();
  }

  private boolean was(ConditionType type) {
    return !seen.workspace().condition(type.wireName()).isMissingNode();
  }

  private void progress(Optional<Stall> reason, boolean done) {
    if (reason.isPresent()) {
      stalled(reason.get());
      return;
    }
    add(
        ConditionType.RECONCILING,
        !done,
        done ? "Settled" : "Progressing",
        done ? "nothing is left to do" : "the workspace is on its way");
    add(ConditionType.STALLED, false, "Progressing", "nothing stands in the way");
  }

  private void stalled(Stall reason) {
    stall = Optional.of(reason);
    add(ConditionType.RECONCILING, false, reason.reason(), SEE_STALLED);
    add(ConditionType.STALLED, true, reason.reason(), reason.message());
  }

  private void add(ConditionType type, boolean status, String reason, String message) {
    conditions.add(Wanted.of(type.wireName(), status, reason, message));
  }

  private boolean wasEstablished() {
    String before = seen.workspace().status().path("state").asText();
    return before.equals("Ready") || before.equals("NotReady");
  }

  private void state(String state) {
    fields.put("state", state);
  }

  /** A stall that the status does not tell yet: what a person should hear of. */
  Optional<Stall> newStall() {
    JsonNode before = seen.workspace().condition(ConditionType.STALLED.wireName());
    return stall.filter(
        now ->
            !before.path("status").asText().equals("True")
                || !before.path("reason").asText().equals(now.reason()));
  }

  /** The merge patch of the status block, empty when it says all of this already. */
  Optional<ObjectNode> change(Instant now) {
    ObservedWorkspace workspace = seen.workspace();
    ObjectNode change = JsonNodeFactory.instance.objectNode();
    for (var entry : fields.properties()) {
      if (V1BETA1_ONLY.contains(entry.getKey())
          && workspace.apiVersion().equals(ApiVersion.V1ALPHA1.groupVersion())) {
        // The older definition would prune it, and it would be written again and again.
        continue;
      }
      JsonNode observed = workspace.status().path(entry.getKey());
      boolean bothEmpty =
          observed.isMissingNode() && entry.getValue().isArray() && entry.getValue().isEmpty();
      if (!bothEmpty && !observed.equals(entry.getValue())) {
        change.set(entry.getKey(), entry.getValue());
      }
    }
    JsonNode observed = workspace.status().path("conditions");
    ArrayNode merged = Conditions.merge(observed, conditions, workspace.generation(), now);
    if (!merged.equals(observed)) {
      change.set("conditions", merged);
    }
    return change.isEmpty() ? Optional.empty() : Optional.of(change);
  }
}
