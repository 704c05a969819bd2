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
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.ProvisionFailure;
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

  private final List<Wanted> conditions = new ArrayList<>();
  private final ObjectNode fields = JsonNodeFactory.instance.objectNode();

  private StatusReport() {}

  static StatusReport refused(Observation seen, String message) {
    StatusReport report = new StatusReport();
    report.unknown(seen, "WorkspaceInvalid", message);
    report.add("ResourceReady", false, "WorkspaceInvalid", message);
    report.add("WorkspaceSucceeded", false, "workspaceFailed", message);
    report.stalled("WorkspaceInvalid", message);
    report.state(seen, false);
    return report;
  }

  static StatusReport unreadableLedger(Observation seen, String annotation) {
    StatusReport report = new StatusReport();
    String message =
        "annotation "
            + annotation
            + " cannot be read, so it is not known which nodes were bought: restore it, or delete"
            + " the Workspace, which releases every node that carries its uid";
    report.add("WorkspaceSucceeded", false, "workspaceFailed", message);
    report.stalled("LedgerUnreadable", message);
    report.state(seen, false);
    return report;
  }

  static StatusReport deleting(Observation seen) {
    StatusReport report = new StatusReport();
    String message =
        seen.nodes()
            .failure()
            .map(failure -> "workspace is being deleted; " + failure.message())
            .orElse("workspace is being deleted; waiting until its nodes are gone");
    report.add("WorkspaceDeleting", true, "workspaceDeleted", message);
    return report;
  }

  static StatusReport running(
      Observation seen, Intent.Run run, String obstacle, boolean replacementsExhausted) {
    StatusReport report = new StatusReport();
    boolean nodesReady = seen.nodes().phase() == NodePhase.READY;
    report.nodes(seen, run, nodesReady);
    boolean served = nodesReady && obstacle.isEmpty() && isServed(seen, run);
    report.inference(seen, obstacle, served);
    if (replacementsExhausted) {
      report.stalled(
          "NodeReplacementsExhausted",
          "nodes were lost "
              + Ledger.REPLACEMENTS
              + " times within an hour; no more are bought until the hour is over");
    } else {
      report.progress(served);
    }
    report.fields.put("targetNodeCount", run.count());
    ArrayNode workers = report.fields.putArray("workerNodes");
    seen.nodes().slots().stream()
        .filter(slot -> slot.phase() == NodePhase.READY)
        .flatMap(slot -> slot.nodeName().stream())
        .sorted()
        .forEach(workers::add);
    report.state(seen, served);
    return report;
  }

  private void nodes(Observation seen, Intent.Run run, boolean ready) {
    int count = run.count();
    Optional<ProvisionFailure> failure = seen.nodes().failure();
    boolean wasReady = isTrue(seen.workspace(), "ResourceReady");
    String waiting =
        failure
            .map(ProvisionFailure::message)
            .orElse(
                wasReady
                    ? lost(seen)
                    : "waiting for " + count + " x " + run.nodes().instanceType());
    add(
        "NodeClaimReady",
        ready,
        ready ? "NodeClaimsReady" : failure.map(ProvisionFailure::code).orElse("NodeClaimNotReady"),
        ready ? count + " of " + count + " node claims are ready" : waiting);
    add(
        "NodesReady",
        ready,
        ready ? "NodesReady" : "NodeNotReady",
        ready ? count + " of " + count + " nodes are ready with their GPUs" : waiting);
    add(
        "ResourceReady",
        ready,
        ready ? "workspaceResourceStatusSuccess" : "workspaceResourceStatusNotReady",
        ready ? "workspace resource is ready" : waiting);
  }

  private static String lost(Observation seen) {
    return seen.nodes().slots().stream()
        .filter(slot -> slot.phase() != NodePhase.READY)
        .map(slot -> slot.requestName() + ": " + slot.message())
        .findFirst()
        .orElse("nodes are not known yet");
  }

  private void inference(Observation seen, String obstacle, boolean served) {
    Optional<ObservedPod> trouble =
        seen.pods().stream().filter(pod -> !pod.trouble().isEmpty() && !pod.deleting()).findFirst();
    String reason;
    String message;
    if (served) {
      reason = "WorkspaceInferenceStatusSuccess";
      message = "Inference has been deployed successfully";
    } else if (!obstacle.isEmpty()) {
      reason = "WorkspaceInferenceStatusFailed";
      message = obstacle;
    } else if (trouble.isPresent()) {
      reason = trouble.get().troubleReason();
      message = trouble.get().name() + ": " + trouble.get().trouble();
    } else {
      reason = "WorkspaceInferenceStatusPending";
      message = "Inference workload is not ready";
    }
    add("InferenceReady", served, reason, message);
    add(
        "WorkspaceSucceeded",
        served,
        served ? "workspaceSucceeded" : "workspacePending",
        served ? "workspace succeeds" : "workspace has not become ready yet");
  }

  /** The whole ladder: the workload is the wanted one, rolled out, and its pods are ready. */
  private static boolean isServed(Observation seen, Intent.Run run) {
    for (Intent.Child child : run.children()) {
      ObservedChild observed = seen.children().get(child.type());
      if (observed == null
          || observed.deleting()
          || !observed.inputHash().equals(child.inputHash())
          || !observed.isRolledOut()) {
        return false;
      }
      long readyPods = seen.pods().stream().filter(pod -> pod.ready() && !pod.deleting()).count();
      if (observed.replicas() != child.replicas() || readyPods < child.replicas()) {
        return false;
      }
    }
    return true;
  }

  /** What cannot be judged any more must not stay True. */
  private void unknown(Observation seen, String reason, String message) {
    for (String type : List.of("NodeClaimReady", "NodesReady", "InferenceReady")) {
      if (isTrue(seen.workspace(), type)) {
        conditions.add(new Wanted(type, "Unknown", reason, message));
      }
    }
  }

  private void progress(boolean done) {
    add(
        "Reconciling",
        !done,
        done ? "Settled" : "Progressing",
        done ? "nothing is left to do" : "the workspace is on its way");
    add("Stalled", false, "Progressing", "nothing stands in the way");
  }

  private void stalled(String reason, String message) {
    add("Reconciling", false, reason, message);
    add("Stalled", true, reason, message);
  }

  private void add(String type, boolean status, String reason, String message) {
    conditions.add(Wanted.of(type, status, reason, message));
  }

  private void state(Observation seen, boolean ready) {
    String before = seen.workspace().status().path("state").asText();
    boolean established = before.equals("Ready") || before.equals("NotReady");
    fields.put("state", ready ? "Ready" : established ? "NotReady" : "Pending");
  }

  private static boolean isTrue(ObservedWorkspace workspace, String type) {
    for (JsonNode condition : workspace.status().path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText().equals("True");
      }
    }
    return false;
  }

  /** The merge patch of the status block, empty when it says all of this already. */
  Optional<ObjectNode> changeOf(ObservedWorkspace workspace, Instant now) {
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
