package sh.kaito.core.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kubernetes.client.openapi.ApiClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.internal.kube.DeleteOptions;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.PlanRefusal;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.validation.WorkspaceValidator;

/**
 * Applies Workspaces to a cluster, waits for them, and talks to their models. Methods wait for the
 * API server on the caller's thread; those that end in {@code Async} do not.
 *
 * <p>Thread-safe. Make one and keep it; {@link #close()} frees what it made itself.
 */
public final class WorkspaceClient implements AutoCloseable {
  /** Owner of the fields that {@link #apply} writes. */
  static final String FIELD_MANAGER = "kaito-client";

  private final KubeTransport transport;
  private final boolean ownsTransport;
  private final Scheduler scheduler;
  private final @Nullable SystemScheduler ownScheduler;
  private final KubeClient client;
  private final Planner planner = Planner.builder().build();
  private final WorkspaceValidator validator = WorkspaceValidator.of(planner);

  private WorkspaceClient(
      KubeTransport transport, boolean ownsTransport, @Nullable Scheduler scheduler) {
    this.transport = transport;
    this.ownsTransport = ownsTransport;
    if (scheduler == null) {
      this.ownScheduler = SystemScheduler.create("kaito-client", 1);
      this.scheduler = ownScheduler;
    } else {
      this.ownScheduler = null;
      this.scheduler = scheduler;
    }
    this.client = KubeClient.of(transport, FIELD_MANAGER);
  }

  /**
   * From {@code KUBECONFIG}, {@code ~/.kube/config} or the pod's service account, as kubectl does.
   */
  public static WorkspaceClient create() {
    return new WorkspaceClient(HttpKubeTransport.fromDefaultConfig(), true, null);
  }

  /** With a configured client of the Kubernetes project; stays the caller's. */
  public static WorkspaceClient create(ApiClient apiClient) {
    return new WorkspaceClient(HttpKubeTransport.of(apiClient), true, null);
  }

  /** With a transport; stays the caller's to close. */
  public static WorkspaceClient create(KubeTransport transport) {
    return new WorkspaceClient(transport, false, null);
  }

  /** With a transport and a scheduler, such as a virtual one; both stay the caller's to close. */
  public static WorkspaceClient create(KubeTransport transport, Scheduler scheduler) {
    return new WorkspaceClient(transport, false, scheduler);
  }

  /**
   * What a Workspace will get, and why: nodes, memory, runtime, objects. Sends nothing.
   *
   * @throws WorkspaceException of kind {@code INVALID} with every reason why it cannot be
   */
  public Plan plan(Workspace workspace) {
    refuseInvalid(workspace);
    PlanOutcome outcome = planner.plan(workspace);
    if (outcome instanceof PlanRefusal refusal) {
      throw new WorkspaceException(refusal.violations());
    }
    return outcome.orElseThrow();
  }

  private void refuseInvalid(Workspace workspace) {
    List<Violation> errors =
        validator.validateCreate(workspace).stream().filter(Violation::isError).toList();
    if (!errors.isEmpty()) {
      throw new WorkspaceException(errors);
    }
  }

  /**
   * Applies a Workspace: creates it, or sets the fields that it states. Server-side apply with the
   * field manager {@code kaito-client}; fields of other managers are not taken from them. What the
   * library's rules refuse is not sent.
   *
   * @return the Workspace as the API server now has it
   */
  public Workspace apply(Workspace workspace) {
    return Await.result(applyAsync(workspace));
  }

  /** As {@link #apply}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Workspace> applyAsync(Workspace workspace) {
    try {
      refuseInvalid(workspace);
    } catch (WorkspaceException e) {
      return CompletableFuture.failedFuture(e);
    }
    ObjectNode body = (ObjectNode) tree(Workspaces.toJson(workspace));
    body.remove("status");
    ObjectNode metadata = (ObjectNode) body.get("metadata");
    metadata.remove("managedFields");
    metadata.put("namespace", workspace.key().namespace());
    return client
        .apply(
            type(workspace.apiVersion()),
            objectKey(workspace.key()),
            body,
            WriteOptions.defaults().wantObject())
        .thenApply(result -> workspace(workspace.key(), result));
  }

  /** The Workspace as the API server has it; empty when there is none. */
  public Optional<Workspace> get(WorkspaceKey key) {
    return Await.result(
        client
            .get(ResourceType.WORKSPACES_V1BETA1, objectKey(key))
            .thenApply(
                result ->
                    result.isNotFound() ? Optional.empty() : Optional.of(workspace(key, result))));
  }

  /** All Workspaces of a namespace, by name. */
  public List<Workspace> list(String namespace) {
    return Await.result(
        client
            .list(ResourceType.WORKSPACES_V1BETA1, ListOptions.in(namespace))
            .thenApply(
                result -> {
                  if (!result.isSuccess()) {
                    throw refused("workspaces of " + namespace, result);
                  }
                  List<Workspace> all = new ArrayList<>();
                  for (JsonNode item : result.body().path("items")) {
                    ObjectNode object = (ObjectNode) item;
                    // Items of a list carry neither kind nor apiVersion.
                    object.put("kind", "Workspace");
                    object.put("apiVersion", ApiVersion.V1BETA1.groupVersion());
                    all.add(Workspaces.fromJson(KubeJson.write(object)));
                  }
                  return all;
                }));
  }

  /**
   * Asks for the deletion of a Workspace; with it go its nodes, which takes minutes. See {@link
   * #awaitDeleted}.
   *
   * @return false when there was none
   */
  public boolean delete(WorkspaceKey key) {
    return Await.result(deleteAsync(key));
  }

  /** As {@link #delete}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Boolean> deleteAsync(WorkspaceKey key) {
    return client
        .delete(ResourceType.WORKSPACES_V1BETA1, objectKey(key), DeleteOptions.defaults())
        .thenApply(
            result -> {
              if (!result.isSuccess() && !result.isNotFound()) {
                throw refused("workspace " + key, result);
              }
              return !result.isNotFound();
            });
  }

  /**
   * Waits until the Workspace serves.
   *
   * @throws WorkspaceException {@code TIMEOUT} with what it waited for last; {@code STALLED} as
   *     soon as the operator reports that it cannot go on; {@code DELETED}; {@code NOT_FOUND}
   */
  public WorkspaceEndpoint awaitReady(WorkspaceKey key, Duration limit) {
    return awaitReady(key, limit, progress -> {});
  }

  /**
   * As {@link #awaitReady(WorkspaceKey, Duration)}, and tells each change on the way.
   *
   * @param progress called on a thread of the client, in order; must not block
   */
  public WorkspaceEndpoint awaitReady(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress) {
    return Await.result(awaitReadyAsync(key, limit, progress));
  }

  /** As {@link #awaitReady}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<WorkspaceEndpoint> awaitReadyAsync(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress) {
    return WorkspaceWait.untilReady(transport, scheduler, key, limit, progress)
        .thenApply(ready -> endpoint(key));
  }

  /** Waits until the Workspace is gone, which is after its last node. */
  public void awaitDeleted(WorkspaceKey key, Duration limit) {
    Await.result(awaitDeletedAsync(key, limit, progress -> {}));
  }

  /** As {@link #awaitDeleted}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Boolean> awaitDeletedAsync(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress) {
    return WorkspaceWait.untilGone(transport, scheduler, key, limit, progress);
  }

  /** The model server of a Workspace, whether it is ready or not; sends nothing. */
  public WorkspaceEndpoint endpoint(WorkspaceKey key) {
    return new WorkspaceEndpoint(transport, key);
  }

  private static ResourceType type(ApiVersion version) {
    return version == ApiVersion.V1ALPHA1
        ? ResourceType.WORKSPACES_V1ALPHA1
        : ResourceType.WORKSPACES_V1BETA1;
  }

  private static ObjectKey objectKey(WorkspaceKey key) {
    return ObjectKey.of(key.namespace(), key.name());
  }

  private static JsonNode tree(String json) {
    try {
      return KubeJson.read(json.getBytes(StandardCharsets.UTF_8));
    } catch (KubeJson.MalformedJsonException e) {
      throw new IllegalStateException("a Workspace writes well-formed JSON", e);
    }
  }

  private static Workspace workspace(WorkspaceKey key, KubeResult result) {
    if (!result.isSuccess()) {
      throw refused("workspace " + key, result);
    }
    return Workspaces.fromJson(KubeJson.write(result.body()));
  }

  static WorkspaceException refused(String what, KubeResult result) {
    WorkspaceException.Kind kind =
        result.isNotFound()
            ? WorkspaceException.Kind.NOT_FOUND
            : result.isConflict()
                ? WorkspaceException.Kind.CONFLICT
                : result.isForbidden() || result.isUnauthorized()
                    ? WorkspaceException.Kind.FORBIDDEN
                    : result.isInvalid() || result.status() == 400
                        ? WorkspaceException.Kind.INVALID
                        : WorkspaceException.Kind.UNREACHABLE;
    return new WorkspaceException(
        kind, what + ": the API server answered " + result.status() + ": " + result.message());
  }

  /** Frees threads and connections that the client made itself. Idempotent. */
  @Override
  public void close() {
    if (ownsTransport) {
      transport.close();
    }
    if (ownScheduler != null) {
      ownScheduler.close();
    }
  }
}
