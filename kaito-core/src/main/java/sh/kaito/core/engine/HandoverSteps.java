package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeHandover;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * Carries out the steps by which a Workspace changes hands. Each is a row of requests of which any
 * may be the last: what is written first says nothing yet, and the write to the Workspace itself,
 * which turns it over, comes last.
 */
final class HandoverSteps {
  private final KubeClient client;
  private final NodeProvisioner provisioner;
  private final ResourceType workspaces;
  private final Predicate<String> nodeExists;

  /**
   * Steps.
   *
   * @param nodeExists whether the cache has a Node of that name
   */
  HandoverSteps(
      KubeClient client,
      NodeProvisioner provisioner,
      ResourceType workspaces,
      Predicate<String> nodeExists) {
    this.client = client;
    this.provisioner = provisioner;
    this.workspaces = workspaces;
    this.nodeExists = nodeExists;
  }

  /**
   * What a step led to.
   *
   * @param failure why it did not succeed; empty when it did
   * @param refusal what a person must see to: nodes that do not fit, a right that is missing; then
   *     it is the failure too
   * @param stale what it rested on has changed: nothing is wrong, it is to be looked at anew
   * @param written resourceVersions that the caches must reach
   */
  record Done(
      String failure,
      String refusal,
      boolean stale,
      Optional<Duration> retryAfter,
      Map<ResourceType, String> written) {

    static Done wrote(ResourceType type, KubeResult result) {
      return new Done("", "", false, Optional.empty(), Map.of(type, result.resourceVersion()));
    }

    static Done ok() {
      return new Done("", "", false, Optional.empty(), Map.of());
    }

    static Done changed() {
      return new Done("", "", true, Optional.empty(), Map.of());
    }

    static Done refused(String why) {
      return new Done(why, why, false, Optional.empty(), Map.of());
    }

    static Done failed(String what, ProvisionFailure failure) {
      if (failure.kind() == ProvisionFailure.Kind.AUTH
          || failure.kind() == ProvisionFailure.Kind.API_MISSING
          || failure.kind() == ProvisionFailure.Kind.INVALID) {
        return refused(what + ": " + failure.message());
      }
      return failure.kind() == ProvisionFailure.Kind.CONFLICT
          ? changed()
          : new Done(what + ": " + failure.message(), "", false, failure.retryAfter(), Map.of());
    }

    static Done failed(String what, KubeResult result) {
      String failure = what + " was answered " + result.status() + ": " + result.message();
      if (result.isForbidden() || result.isInvalid()) {
        return refused(failure);
      }
      return result.isConflict() || result.isNotFound()
          ? changed()
          : new Done(failure, "", false, result.retryAfter(), Map.of());
    }

    /**
     * Of a JSON patch with a test in it: the API server answers 422 where the test fails, which is
     * no refusal.
     */
    static Done failedTest(String what, KubeResult result) {
      return result.isInvalid() ? changed() : failed(what, result);
    }

    boolean isOk() {
      return failure.isEmpty() && !stale;
    }

    /** This and what was written after it. */
    Done and(Done next) {
      Map<ResourceType, String> all = new HashMap<>(written);
      all.putAll(next.written);
      return new Done(next.failure, next.refusal, next.stale, next.retryAfter, all);
    }
  }

  /**
   * Carries out a step.
   *
   * @param resourceVersion of the Workspace, after what was written to it in this run
   */
  CompletionStage<Done> carryOut(
      ObservedWorkspace workspace, String resourceVersion, Step.Handover step) {
    if (step instanceof Step.AdoptNodes adopt) {
      return adoptNodes(workspace, resourceVersion, adopt);
    } else if (step instanceof Step.AdoptLate late) {
      return adoptLate(workspace, resourceVersion, late);
    } else if (step instanceof Step.AdoptChild adopt) {
      return adoptChild(workspace, adopt);
    }
    return handBack(workspace, (Step.HandBack) step);
  }

  private NodeHandover nodes() {
    if (provisioner instanceof NodeHandover handover) {
      return handover;
    }
    throw new IllegalStateException(provisioner.name() + " cannot hand nodes over");
  }

  // ---- take over

  private CompletionStage<Done> adoptNodes(
      ObservedWorkspace workspace, String resourceVersion, Step.AdoptNodes step) {
    List<String> workers = new ArrayList<>();
    for (JsonNode worker : workspace.status().path("workerNodes")) {
      if (nodeExists.test(worker.asText())) {
        workers.add(worker.asText());
      }
    }
    return nodes()
        .survey(step.nodes())
        .thenCompose(
            survey -> {
              if (survey.failure().isPresent()) {
                return done(
                    Done.failed(
                        "the look for what the Go operator bought", survey.failure().get()));
              }
              Adoption.Fit fit = Adoption.fit(survey, step.wanted(), workers);
              return fit instanceof Adoption.Fit.Take take
                  ? take(workspace, resourceVersion, step, take)
                  : done(Done.refused(((Adoption.Fit.Refuse) fit).why()));
            });
  }

  /** The claims first: a ledger that names a claim promises that its deletion finds the claim. */
  private CompletionStage<Done> take(
      ObservedWorkspace workspace,
      String resourceVersion,
      Step.AdoptNodes step,
      Adoption.Fit.Take take) {
    Map<NodeSlot, String> names = new HashMap<>();
    take.slots().forEach((slot, node) -> names.put(slot, node.name()));
    Ledger ledger =
        Ledger.adopted(
            step.wanted().map(Adoption.Wanted::instanceType).orElse(""), names, step.finished());
    ObjectNode patch = WorkspacePatches.ownership(workspace, ledger);
    patch.withObject("/metadata").put("resourceVersion", resourceVersion);
    return nodes()
        .adopt(step.nodes(), take.slots())
        .thenCompose(
            failure ->
                failure.isPresent()
                    ? done(Done.failed("taking nodes over", failure.get()))
                    : client
                        .patch(
                            workspaces,
                            key(workspace),
                            PatchType.MERGE,
                            patch,
                            WriteOptions.defaults())
                        .thenApply(
                            result -> done("taking the Workspace over", workspaces, result)));
  }

  /** In the same order: labels, then the ledger. What is found twice keeps its slot. */
  private CompletionStage<Done> adoptLate(
      ObservedWorkspace workspace, String resourceVersion, Step.AdoptLate step) {
    if (!(provisioner instanceof NodeHandover handover)) {
      return done(Done.ok());
    }
    return handover
        .surveyClaims(step.nodes())
        .thenCompose(
            survey -> {
              ProvisionFailure failure = survey.failure().orElse(null);
              if (failure != null) {
                boolean none =
                    step.wanted().isEmpty() && failure.kind() == ProvisionFailure.Kind.API_MISSING;
                return done(
                    none
                        ? Done.ok()
                        : Done.failed("the look for claims of the Go operator", failure));
              }
              if (step.wanted().isEmpty()) {
                return survey.nodes().isEmpty()
                    ? done(Done.ok())
                    : handover
                        .adopt(step.nodes(), Adoption.all(survey))
                        .thenApply(HandoverSteps::marked);
              }
              Adoption.Fit fit = Adoption.late(survey, step.wanted().get());
              return fit instanceof Adoption.Fit.Take take
                  ? takeLate(handover, workspace, resourceVersion, step, take)
                  : done(Done.refused(((Adoption.Fit.Refuse) fit).why()));
            });
  }

  /** Where something was there it is decided anew, once the caches show it. */
  private static Done marked(Optional<ProvisionFailure> failure) {
    return failure.map(why -> Done.failed("taking nodes over", why)).orElseGet(Done::changed);
  }

  private CompletionStage<Done> takeLate(
      NodeHandover handover,
      ObservedWorkspace workspace,
      String resourceVersion,
      Step.AdoptLate step,
      Adoption.Fit.Take take) {
    if (take.slots().isEmpty()) {
      return done(Done.ok());
    }
    Map<NodeSlot, String> names = new HashMap<>();
    take.slots().forEach((slot, node) -> names.put(slot, node.name()));
    ObjectNode patch =
        WorkspacePatches.ownership(workspace, step.wanted().orElseThrow().ledger().with(names));
    patch.withObject("/metadata").put("resourceVersion", resourceVersion);
    return handover
        .adopt(step.nodes(), take.slots())
        .thenCompose(
            failure ->
                failure.isPresent()
                    ? done(marked(failure))
                    : client
                        .patch(
                            workspaces,
                            key(workspace),
                            PatchType.MERGE,
                            patch,
                            WriteOptions.defaults())
                        .thenApply(
                            result ->
                                result.isSuccess()
                                    ? Done.wrote(workspaces, result).and(Done.changed())
                                    : Done.failed("writing down what turned up", result)));
  }

  private CompletionStage<Done> adoptChild(ObservedWorkspace workspace, Step.AdoptChild step) {
    ObjectKey key = ObjectKey.of(workspace.key().namespace(), step.key().name());
    return client
        .get(step.key().type(), key)
        .thenCompose(
            found -> {
              if (!found.isSuccess()) {
                return done(Done.failed("the look at " + step.key(), found));
              }
              JsonNode metadata = found.body().path("metadata");
              if (!found.uid().equals(step.uid())
                  || !Decoders.controllerUid(metadata).equals(workspace.uid())) {
                return done(Done.changed());
              }
              if (metadata.path("annotations").has(KaitoAnnotations.INPUT_HASH)) {
                return done(Done.wrote(step.key().type(), found));
              }
              return client
                  .patch(
                      step.key().type(),
                      key,
                      PatchType.JSON,
                      takeOver(metadata, workspace.uid(), step),
                      WriteOptions.defaults())
                  .thenApply(
                      result ->
                          result.isSuccess()
                              ? Done.wrote(step.key().type(), result)
                              : Done.failedTest("taking over " + step.key(), result));
            });
  }

  /**
   * Annotations and owners of fields, nothing else: no pod restarts. The resourceVersion in it
   * makes the server refuse it with 409 where somebody has written in between, whose fields would
   * otherwise be given away.
   */
  static ArrayNode takeOver(JsonNode metadata, String ownerUid, Step.AdoptChild step) {
    ObjectNode marks =
        object(
            KaitoAnnotations.INPUT_HASH,
            step.inputHash(),
            KaitoAnnotations.RENDERED_HASH,
            Adoption.NOT_RENDERED,
            KaitoAnnotations.PINNED,
            Optional.of(step.pinned()).filter(pins -> !pins.isEmpty()));
    ObjectNode annotations =
        metadata.path("annotations") instanceof ObjectNode theirs ? theirs.deepCopy() : object();
    annotations.setAll(marks);
    ArrayNode patch =
        array(
            object("op", "test", "path", "/metadata/uid", "value", step.uid()),
            object(
                "op",
                "replace",
                "path",
                "/metadata/resourceVersion",
                "value",
                metadata.path("resourceVersion").asText()),
            object("op", "add", "path", "/metadata/annotations", "value", annotations));
    ManagedFields.transfer(metadata, ownerUid)
        .ifPresent(
            fields ->
                patch.add(
                    object("op", "replace", "path", "/metadata/managedFields", "value", fields)));
    return patch;
  }

  // ---- hand back

  private CompletionStage<Done> handBack(ObservedWorkspace workspace, Step.HandBack step) {
    return nodes()
        .handBack(step.nodes())
        .thenCompose(
            failure ->
                failure.isPresent()
                    ? done(Done.failed("handing nodes over", failure.get()))
                    : revision(workspace, step));
  }

  private CompletionStage<Done> revision(ObservedWorkspace workspace, Step.HandBack step) {
    ListOptions revisions =
        ListOptions.in(workspace.key().namespace())
            .labelSelector(KaitoLabels.REVISION_WORKSPACE + "=" + workspace.key().name());
    return client
        .get(workspaces, key(workspace))
        .thenCompose(
            live -> {
              if (!live.isSuccess()) {
                return done(Done.failed("the look at the Workspace", live));
              } else if (!live.uid().equals(workspace.uid())) {
                return done(Done.changed());
              }
              return client
                  .list(ResourceType.CONTROLLERREVISIONS, revisions)
                  .thenCompose(
                      found ->
                          found.isSuccess()
                              ? unmark(
                                  workspace,
                                  live.body(),
                                  GoRevision.of(live.body(), found.body()),
                                  step.children().iterator(),
                                  Done.ok())
                              : done(Done.failed("the look at ControllerRevisions", found)));
            });
  }

  private CompletionStage<Done> unmark(
      ObservedWorkspace workspace,
      JsonNode live,
      Optional<GoRevision> revision,
      Iterator<ObservedChild> children,
      Done before) {
    if (!children.hasNext()) {
      return client
          .patch(
              workspaces,
              key(workspace),
              PatchType.MERGE,
              handOver(live.path("metadata"), revision),
              WriteOptions.defaults())
          .thenApply(result -> before.and(done("handing the Workspace over", workspaces, result)));
    }
    ObservedChild child = children.next();
    return client
        .patch(
            child.key().type(),
            ObjectKey.of(workspace.key().namespace(), child.key().name()),
            PatchType.MERGE,
            withoutMarks(child, revision),
            WriteOptions.defaults())
        .thenCompose(
            result -> {
              Done next =
                  before.and(done("handing over " + child.key(), child.key().type(), result));
              return next.isOk() ? unmark(workspace, live, revision, children, next) : done(next);
            });
  }

  private static ObjectNode withoutMarks(ObservedChild child, Optional<GoRevision> revision) {
    ObjectNode annotations = object();
    annotations.putNull(KaitoAnnotations.INPUT_HASH);
    annotations.putNull(KaitoAnnotations.RENDERED_HASH);
    annotations.putNull(KaitoAnnotations.PINNED);
    if (!child.marks().pinned().isEmpty()) {
      revision.ifPresent(
          go -> annotations.put(KaitoAnnotations.WORKSPACE_REVISION, Long.toString(go.number())));
    }
    return object(
        "metadata",
        object(
            "uid",
            child.uid(),
            "resourceVersion",
            child.resourceVersion(),
            "annotations",
            annotations));
  }

  private static ObjectNode handOver(JsonNode metadata, Optional<GoRevision> revision) {
    ObjectNode annotations = object();
    annotations.putNull(KaitoAnnotations.NODES);
    revision.ifPresent(
        go -> {
          annotations.put(KaitoAnnotations.WORKSPACE_HASH, go.hash());
          annotations.put(KaitoAnnotations.WORKSPACE_REVISION, Long.toString(go.number()));
        });
    ArrayNode finalizers = array();
    for (JsonNode finalizer : metadata.path("finalizers")) {
      if (!finalizer.asText().equals(KaitoFinalizers.NODES)) {
        finalizers.add(finalizer);
      }
    }
    return object(
        "metadata",
        object(
            "uid",
            metadata.path("uid").asText(),
            "resourceVersion",
            metadata.path("resourceVersion").asText(),
            "finalizers",
            finalizers,
            "annotations",
            annotations));
  }

  private static Done done(String what, ResourceType type, KubeResult result) {
    return result.isSuccess() ? Done.wrote(type, result) : Done.failed(what, result);
  }

  private static CompletionStage<Done> done(Done done) {
    return CompletableFuture.completedFuture(done);
  }

  private static ObjectKey key(ObservedWorkspace workspace) {
    return ObjectKey.of(workspace.key().namespace(), workspace.key().name());
  }
}
