package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.DeleteOptions;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/** Carries out one decision, step by step; the first step that fails ends it. */
final class Applier {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  /**
   * A resourceVersion that no object has any more: an apply that carries it creates the object if
   * it is missing, and is refused with 409 if it is there.
   */
  private static final String NEVER_CURRENT = "1";

  private final KubeClient client;
  private final NodeProvisioner provisioner;
  private final ResourceType workspaces;
  private final EventWriter events;
  private final BooleanSupplier closed;
  private final HandoverSteps handovers;

  Applier(
      KubeClient client,
      NodeProvisioner provisioner,
      ResourceType workspaces,
      EventWriter events,
      BooleanSupplier closed,
      HandoverSteps handovers) {
    this.handovers = handovers;
    this.closed = closed;
    this.client = client;
    this.provisioner = provisioner;
    this.workspaces = workspaces;
    this.events = events;
  }

  /** What a decision led to. */
  static final class Report {
    /** resourceVersions of the engine's own writes, which the caches must reach first. */
    final Map<ResourceType, String> written = new HashMap<>();

    /** Children that were rendered in this run: what the caches show next is as it should be. */
    final Map<ChildKey, KeyState.Rendered> rendered = new HashMap<>();

    boolean provedAlive;
    boolean ensured;

    /** Why a child could not be written; empty when each could. */
    String obstacle = "";

    /** Which Secret does not exist; empty when all do, or when none was looked for. */
    String missing = "";

    boolean lookedForSecrets;

    /** Why the Workspace could not change hands; empty when nothing stood in the way. */
    String refusal = "";

    boolean triedToHandOver;
    boolean handedBack;
    boolean tookOwnership;
    @Nullable NodeSetStatus nodes;
    @Nullable String failure;
    Optional<Duration> retryAfter = Optional.empty();

    /** The observation was stale: no failure, the caches will bring what is missing. */
    boolean stale;

    boolean failed() {
      return failure != null || stale;
    }
  }

  /**
   * Carries out steps.
   *
   * @param sawNodes whether nodes of the owner were seen before
   */
  CompletionStage<Report> apply(ObservedWorkspace workspace, List<Step> steps, boolean sawNodes) {
    Report report = new Report();
    return next(new Run(workspace, report, steps.iterator(), sawNodes)).thenApply(done -> report);
  }

  private static final class Run {
    final ObservedWorkspace workspace;
    final Report report;
    final Iterator<Step> steps;
    final boolean sawNodes;
    String resourceVersion;

    Run(ObservedWorkspace workspace, Report report, Iterator<Step> steps, boolean sawNodes) {
      this.sawNodes = sawNodes;
      this.workspace = workspace;
      this.report = report;
      this.steps = steps;
      this.resourceVersion = workspace.resourceVersion();
    }

    ObjectKey key() {
      WorkspaceKey key = workspace.key();
      return ObjectKey.of(key.namespace(), key.name());
    }

    ObjectKey named(String name) {
      return ObjectKey.of(workspace.key().namespace(), name);
    }
  }

  private CompletionStage<@Nullable Void> next(Run run) {
    while (run.steps.hasNext() && !run.report.failed()) {
      if (closed.getAsBoolean()) {
        // Leadership may be somebody else's by now: the next step would be a late one.
        run.report.stale = true;
        break;
      }
      Step step = run.steps.next();
      if (step instanceof Step.EnsureNodes ensure) {
        run.report.nodes = provisioner.ensure(ensure.spec());
        run.report.ensured = true;
      } else if (step instanceof Step.ReleaseNodes release) {
        run.report.nodes = provisioner.release(release.key(), release.countsFrom());
      } else if (step instanceof Step.Emit emit) {
        events.write(run.workspace, emit);
      } else if (step instanceof Step.Handover handover) {
        return handOver(run, handover).thenCompose(this::next);
      } else if (step instanceof Step.RequireSecrets require) {
        return lookFor(run, require.names().iterator()).thenCompose(this::next);
      } else {
        return send(run, step)
            .handle(
                (result, error) -> {
                  if (result != null) {
                    answered(run, step, result);
                  } else {
                    run.report.failure = "no answer to " + name(step) + ": " + message(error);
                  }
                  return run;
                })
            .thenCompose(this::next);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private CompletionStage<Run> handOver(Run run, Step.Handover step) {
    return handovers
        .carryOut(run.workspace, run.resourceVersion, step)
        .handle(
            (done, error) -> {
              Report report = run.report;
              if (done == null) {
                report.failure = "no answer to " + name(step) + ": " + message(error);
                return run;
              }
              report.written.putAll(done.written());
              report.stale = done.stale();
              report.retryAfter = done.retryAfter();
              report.failure = done.failure().isEmpty() ? null : done.failure();
              report.triedToHandOver = true;
              report.refusal = done.refusal();
              report.handedBack |= step instanceof Step.HandBack && done.isOk();
              if (done.isOk() && !(step instanceof Step.AdoptLate)) {
                LOG.info("{}: {}", run.workspace.key(), name(step));
              }
              return run;
            });
  }

  /** Metadata only: what is in a Secret never comes here. */
  private CompletionStage<Run> lookFor(Run run, Iterator<String> names) {
    run.report.lookedForSecrets = true;
    if (!names.hasNext()) {
      return CompletableFuture.completedFuture(run);
    }
    String name = names.next();
    return client
        .getMetadata(ResourceType.SECRETS, run.named(name))
        .handle(
            (result, error) -> {
              if (result == null) {
                run.report.failure =
                    "no answer to the look for Secret " + name + ": " + message(error);
              } else if (result.isNotFound()) {
                run.report.missing =
                    "Secret "
                        + run.workspace.key().namespace()
                        + "/"
                        + name
                        + " does not exist, and the pods cannot start without it; create it."
                        + " No node is requested before";
                run.report.failure = run.report.missing;
              } else if (!result.isSuccess() && !result.isForbidden()) {
                run.report.retryAfter = result.retryAfter();
                run.report.failure =
                    "the look for Secret " + name + " was answered " + result.status();
              }
              // Without the right to look nothing is known; the pods will tell.
              return run;
            })
        .thenCompose(
            done ->
                done.report.failed()
                    ? CompletableFuture.completedFuture(done)
                    : lookFor(done, names));
  }

  private CompletionStage<KubeResult> send(Run run, Step step) {
    if (step instanceof Step.ClaimOwnership claim) {
      return client.patch(
          workspaces, run.key(), PatchType.MERGE, claim.patch(), WriteOptions.defaults());
    } else if (step instanceof Step.ProveAlive) {
      return client.getMetadata(workspaces, run.key());
    } else if (step instanceof Step.CreateChild create) {
      ObjectNode body = create.body().deepCopy();
      ((ObjectNode) body.get("metadata")).put("resourceVersion", NEVER_CURRENT);
      return client.apply(
          create.key().type(), run.named(create.key().name()), body, WriteOptions.defaults());
    } else if (step instanceof Step.UpdateChild update) {
      ObjectNode body = update.body().deepCopy();
      ((ObjectNode) body.get("metadata")).put("uid", update.uid());
      return client.apply(
          update.key().type(),
          run.named(update.key().name()),
          body,
          WriteOptions.defaults().force());
    } else if (step instanceof Step.PatchChild patch) {
      ObjectNode body = patch.patch().deepCopy();
      body.withObject("/metadata").put("uid", patch.uid());
      return client.patch(
          patch.key().type(),
          run.named(patch.key().name()),
          PatchType.MERGE,
          body,
          WriteOptions.defaults());
    } else if (step instanceof Step.DeleteChild delete) {
      return client.delete(
          delete.key().type(),
          run.named(delete.key().name()),
          DeleteOptions.defaults().uid(delete.uid()).propagationPolicy("Foreground"));
    } else if (step instanceof Step.WriteStatus write) {
      ObjectNode patch = write.patch().deepCopy();
      ((ObjectNode) patch.get("metadata")).put("resourceVersion", run.resourceVersion);
      return client.patch(
          workspaces, run.key(), PatchType.MERGE, patch, WriteOptions.defaults().status());
    } else if (step instanceof Step.RemoveFinalizer remove) {
      return client.patch(
          workspaces, run.key(), PatchType.JSON, remove.patch(), WriteOptions.defaults());
    }
    throw new IllegalStateException("no request for " + step);
  }

  private void answered(Run run, Step step, KubeResult result) {
    Report report = run.report;
    if (!result.isSuccess()) {
      refused(run, step, result);
    } else if (step instanceof Step.ClaimOwnership) {
      wrote(run, workspaces, result);
      if (result.body().path("metadata").hasNonNull("deletionTimestamp")) {
        report.stale = true;
      } else {
        report.provedAlive = true;
        // A finalizer that comes back after somebody took it off is no birth: the ledger tells.
        report.tookOwnership =
            !run.workspace.finalizers().contains(Decide.FINALIZER)
                && !run.workspace.annotations().containsKey(Decide.LEDGER)
                && !run.sawNodes;
      }
    } else if (step instanceof Step.ProveAlive prove) {
      report.provedAlive = isAlive(result.body().path("metadata"), prove);
      report.stale = !report.provedAlive;
    } else if (step instanceof Step.CreateChild create) {
      report.written.put(create.key().type(), result.resourceVersion());
      LOG.debug("{}: created {}", run.workspace.key(), create.key());
      report.rendered.put(create.key(), rendered(result));
    } else if (step instanceof Step.UpdateChild update) {
      child(run, update.key(), result, "updated (" + update.why() + ")");
      report.rendered.put(update.key(), rendered(result));
    } else if (step instanceof Step.PatchChild patch) {
      child(run, patch.key(), result, "patched (" + patch.why() + ")");
    } else if (step instanceof Step.DeleteChild delete) {
      LOG.info("{}: deleted {} ({})", run.workspace.key(), delete.key(), delete.why());
    } else if (step instanceof Step.WriteStatus || step instanceof Step.RemoveFinalizer) {
      wrote(run, workspaces, result);
    }
  }

  private static KeyState.Rendered rendered(KubeResult result) {
    return new KeyState.Rendered(
        result.resourceVersion(), result.body().path("metadata").path("generation").asLong());
  }

  private static void child(Run run, ChildKey key, KubeResult result, String what) {
    run.report.written.put(key.type(), result.resourceVersion());
    LOG.info("{}: {} {}", run.workspace.key(), what, key);
  }

  private static void wrote(Run run, ResourceType type, KubeResult result) {
    run.resourceVersion = result.resourceVersion();
    run.report.written.put(type, result.resourceVersion());
  }

  private static boolean isAlive(JsonNode metadata, Step.ProveAlive prove) {
    boolean hasFinalizer = false;
    for (JsonNode finalizer : metadata.path("finalizers")) {
      hasFinalizer |= finalizer.asText().equals(prove.finalizer());
    }
    return hasFinalizer
        && metadata.path("uid").asText().equals(prove.uid())
        && !metadata.hasNonNull("deletionTimestamp");
  }

  private void refused(Run run, Step step, KubeResult result) {
    boolean finalizerTestFailed = step instanceof Step.RemoveFinalizer && result.isInvalid();
    if (result.isConflict() || result.isNotFound() || finalizerTestFailed) {
      // What was decided on is not what is there: the caches will show it.
      run.report.stale = true;
      LOG.debug("{}: {} met a newer object: {}", run.workspace.key(), name(step), result);
      return;
    }
    run.report.retryAfter = result.retryAfter();
    String failure = name(step) + " was answered " + result.status() + ": " + result.message();
    run.report.failure = failure;
    if (step instanceof Step.CreateChild
        || step instanceof Step.UpdateChild
        || step instanceof Step.PatchChild) {
      run.report.obstacle = failure;
    }
  }

  private static String name(Step step) {
    if (step instanceof Step.CreateChild create) {
      return "create " + create.key();
    } else if (step instanceof Step.UpdateChild update) {
      return "update " + update.key();
    } else if (step instanceof Step.PatchChild patch) {
      return "patch " + patch.key();
    } else if (step instanceof Step.AdoptChild adopt) {
      return "take over " + adopt.key();
    } else if (step instanceof Step.AdoptNodes) {
      return "take over from the Go operator";
    } else if (step instanceof Step.AdoptLate) {
      return "look for late claims of the Go operator";
    } else if (step instanceof Step.HandBack) {
      return "hand over to the Go operator";
    }
    return step.getClass().getSimpleName();
  }

  private static String message(@Nullable Throwable error) {
    Throwable cause = error != null && error.getCause() != null ? error.getCause() : error;
    return cause == null ? "" : String.valueOf(cause.getMessage());
  }
}
