package sh.kaito.core.client;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kubernetes.client.openapi.ApiClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.KaitoLabels;
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
  private final ServedApi served;

  /** The user's own nodes are not looked at here; the operator sees them. */
  private static final Optional<String> KNOWN_TO_THE_OPERATOR = Optional.of("nodes-unknown");

  private final Planner planner;
  private final WorkspaceValidator validator;
  private final Set<WorkspaceWait> waits = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private WorkspaceClient(
      KubeTransport transport,
      boolean ownsTransport,
      @Nullable Scheduler scheduler,
      Planner planner) {
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
    this.served = new ServedApi(client);
    this.planner = planner;
    this.validator = WorkspaceValidator.of(planner);
  }

  /**
   * From {@code KUBECONFIG}, {@code ~/.kube/config} or the pod's service account, as kubectl does.
   */
  public static WorkspaceClient create() {
    return builder().build();
  }

  /** With a configured client of the Kubernetes project; stays the caller's. */
  public static WorkspaceClient create(ApiClient apiClient) {
    return new WorkspaceClient(
        HttpKubeTransport.of(apiClient), true, null, Planner.builder().build());
  }

  /** With a transport; stays the caller's to close. */
  public static WorkspaceClient create(KubeTransport transport) {
    return builder().transport(transport).build();
  }

  /** With a transport and a scheduler, such as a virtual one; both stay the caller's to close. */
  public static WorkspaceClient create(KubeTransport transport, Scheduler scheduler) {
    return builder().transport(transport).scheduler(scheduler).build();
  }

  /**
   * For clients of platforms with their own presets, instance types, transport or scheduler.
   *
   * <pre>{@code
   * WorkspaceClient kaito =
   *     WorkspaceClient.builder().planner(Planner.builder().presets(ours).build()).build();
   * }</pre>
   */
  public static Builder builder() {
    return new Builder();
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
    List<Violation> errors = errors(validator.validateCreate(workspace));
    if (!errors.isEmpty()) {
      throw new WorkspaceException(errors);
    }
  }

  private static List<Violation> errors(List<Violation> violations) {
    return violations.stream().filter(Violation::isError).toList();
  }

  /**
   * Applies a Workspace: creates it, or sets the fields that it states. Server-side apply with the
   * field manager {@code kaito-client}; fields of other managers are not taken from them. What the
   * library's rules refuse is not sent: a new Workspace must satisfy all of them, a change of one
   * that exists is not held responsible for what they already object to in it.
   *
   * @return the Workspace as the API server now has it
   */
  public Workspace apply(Workspace workspace) {
    return Await.result(applyAsync(workspace));
  }

  /** As {@link #apply}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Workspace> applyAsync(Workspace workspace) {
    return Await.outcome(
        () -> {
          List<Violation> errors =
              errors(validator.validateCreate(workspace)).stream()
                  .filter(error -> !error.rule().equals(KNOWN_TO_THE_OPERATOR))
                  .toList();
          return errors.isEmpty() ? send(workspace) : sendIfExisting(workspace, errors);
        });
  }

  /** Only reads the live object where the rules for new ones object: most calls are one request. */
  private CompletionStage<Workspace> sendIfExisting(
      Workspace workspace, List<Violation> createErrors) {
    return getAsync(workspace.key())
        .exceptionally(
            unreadable -> {
              // What is wrong with the Workspace itself is of more use than that nobody was there
              // to ask.
              WorkspaceException refusal = new WorkspaceException(createErrors);
              refusal.addSuppressed(Await.failure(unreadable));
              throw refusal;
            })
        .thenCompose(
            before -> {
              List<Violation> errors =
                  before
                      .map(live -> errors(validator.validateUpdate(live, workspace)))
                      .orElse(createErrors);
              return errors.isEmpty()
                  ? send(workspace)
                  : CompletableFuture.failedFuture(new WorkspaceException(errors));
            });
  }

  private CompletionStage<Workspace> send(Workspace workspace) {
    ObjectNode body = (ObjectNode) tree(Workspaces.toJson(workspace));
    body.remove("status");
    ObjectNode metadata = (ObjectNode) body.get("metadata");
    metadata.remove("managedFields");
    metadata.put("namespace", workspace.key().namespace());
    ResourceType type = type(workspace.apiVersion());
    return client
        .apply(type, objectKey(workspace.key()), body, WriteOptions.defaults().wantObject())
        .thenCompose(
            result ->
                ServedApi.isTypeMissing(result)
                    ? served.explainMissing(type)
                    : CompletableFuture.completedFuture(result))
        .thenApply(result -> workspace(workspace.key(), result));
  }

  /** The Workspace as the API server has it; empty when there is none. */
  public Optional<Workspace> get(WorkspaceKey key) {
    return Await.result(getAsync(key));
  }

  /** As {@link #get}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Optional<Workspace>> getAsync(WorkspaceKey key) {
    return served
        .ask(type -> client.get(type, objectKey(key)))
        .thenApply(
            result -> result.isNotFound() ? Optional.empty() : Optional.of(workspace(key, result)));
  }

  /** All Workspaces of a namespace, by name. */
  public List<Workspace> list(String namespace) {
    return Await.result(
        served
            .ask(type -> client.list(type, ListOptions.in(namespace)))
            .thenApply(
                result -> {
                  if (!result.isSuccess()) {
                    throw refused("workspaces of " + namespace, result);
                  }
                  String apiVersion = result.body().path("apiVersion").asText();
                  List<Workspace> all = new ArrayList<>();
                  for (JsonNode item : result.body().path("items")) {
                    ObjectNode object = (ObjectNode) item;
                    // Items of a list need not carry kind and apiVersion.
                    object.put("kind", "Workspace");
                    object.put("apiVersion", apiVersion);
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
    return Await.outcome(
        () ->
            served
                .ask(type -> client.delete(type, objectKey(key), DeleteOptions.defaults()))
                .thenApply(
                    result -> {
                      if (!result.isSuccess() && !result.isNotFound()) {
                        throw refused("workspace " + key, result);
                      }
                      return !result.isNotFound();
                    }));
  }

  /**
   * Asks this library's operator to take over a Workspace that the Go operator runs, with its nodes
   * and its model: sets the label {@code java.kaito.sh/operator} to {@code java}. The Go operator
   * must not run any more. Nothing is bought for what is there, and no pod restarts; where it does
   * not fit, nothing is touched, and the condition {@code Stalled} says why.
   *
   * @throws WorkspaceException {@code NOT_FOUND} when there is no such Workspace
   */
  public void adopt(WorkspaceKey key) {
    Await.result(adoptAsync(key));
  }

  /** As {@link #adopt}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Workspace> adoptAsync(WorkspaceKey key) {
    return operatedBy(key, KaitoLabels.OPERATOR_JAVA);
  }

  /**
   * Asks this library's operator to hand a Workspace over to the Go operator: sets the label {@code
   * java.kaito.sh/operator} to {@code go}. Nodes and model stay; it is no deletion. It is done when
   * the annotation {@code java.kaito.sh/nodes} is gone; only then may the Go operator be started.
   *
   * @throws WorkspaceException {@code NOT_FOUND} when there is no such Workspace
   */
  public void handBack(WorkspaceKey key) {
    Await.result(handBackAsync(key));
  }

  /** As {@link #handBack}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Workspace> handBackAsync(WorkspaceKey key) {
    return operatedBy(key, KaitoLabels.OPERATOR_GO);
  }

  private CompletionStage<Workspace> operatedBy(WorkspaceKey key, String operator) {
    ObjectNode patch = object("metadata", object("labels", object(KaitoLabels.OPERATOR, operator)));
    return Await.outcome(
        () ->
            served
                .ask(
                    type ->
                        client.patch(
                            type,
                            objectKey(key),
                            PatchType.MERGE,
                            patch,
                            WriteOptions.defaults().wantObject()))
                .thenApply(result -> workspace(key, result)));
  }

  /**
   * Waits until the Workspace serves.
   *
   * @throws WorkspaceException {@code TIMEOUT} with what it waited for last; {@code STALLED} as
   *     soon as the operator reports that it cannot go on; {@code DELETED}; {@code NOT_FOUND};
   *     {@code UNREACHABLE} when the cluster does not serve Workspaces or the client is closed
   */
  public WorkspaceEndpoint awaitReady(WorkspaceKey key, Duration limit) {
    return awaitReady(key, limit, progress -> {});
  }

  /**
   * As {@link #awaitReady(WorkspaceKey, Duration)}, and tells each change on the way.
   *
   * @param progress called on a thread of the client, in order; must not block. What it throws ends
   *     the wait with {@code CALLBACK}
   */
  public WorkspaceEndpoint awaitReady(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress) {
    return Await.result(awaitReadyAsync(key, limit, progress));
  }

  /** As {@link #awaitReady}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<WorkspaceEndpoint> awaitReadyAsync(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress) {
    return Await.outcome(
        () -> await(key, limit, progress, false).thenApply(ready -> endpoint(key)));
  }

  /** Waits until the Workspace is gone, which is after its last node. */
  public void awaitDeleted(WorkspaceKey key, Duration limit) {
    Await.result(awaitDeletedAsync(key, limit, progress -> {}));
  }

  /** As {@link #awaitDeleted}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<Boolean> awaitDeletedAsync(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress) {
    return Await.outcome(() -> await(key, limit, progress, true));
  }

  private CompletionStage<Boolean> await(
      WorkspaceKey key, Duration limit, Consumer<WorkspaceProgress> progress, boolean untilGone) {
    WorkspaceWait wait =
        new WorkspaceWait(transport, served, scheduler, key, limit, progress, untilGone);
    waits.add(wait);
    // Added first: then either this check or close() sees the other.
    if (closed) {
      waits.remove(wait);
      throw wasClosed();
    }
    return wait.start().whenComplete((result, error) -> waits.remove(wait));
  }

  private static WorkspaceException wasClosed() {
    return new WorkspaceException(WorkspaceException.Kind.UNREACHABLE, "the client was closed");
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

  /**
   * Frees threads and connections that the client made itself. Waits that are under way fail with
   * {@code UNREACHABLE}. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    waits.forEach(wait -> wait.fail(wasClosed()));
    if (ownsTransport) {
      transport.close();
    }
    if (ownScheduler != null) {
      ownScheduler.close();
    }
  }

  /** Builds a {@link WorkspaceClient}. Not thread-safe. */
  public static final class Builder {
    private @Nullable KubeTransport transport;
    private @Nullable Scheduler scheduler;
    private Planner planner = Planner.builder().build();

    private Builder() {}

    /**
     * The way to the API server; stays the caller's to close. Default: from {@code KUBECONFIG},
     * {@code ~/.kube/config} or the pod's service account, as kubectl does, closed with the client.
     */
    public Builder transport(KubeTransport value) {
      this.transport = value;
      return this;
    }

    /**
     * Time and threads; stays the caller's to close. Default: one thread and a timer thread of the
     * client's own.
     */
    public Builder scheduler(Scheduler value) {
      this.scheduler = value;
      return this;
    }

    /**
     * Presets, instance types and settings that Workspaces are planned with and checked against;
     * should be those of the cluster's operator. Default: the library's own.
     */
    public Builder planner(Planner value) {
      this.planner = value;
      return this;
    }

    /**
     * The client. Sends nothing.
     *
     * @throws IllegalStateException when no transport was given and no cluster is configured
     * @throws java.io.UncheckedIOException when its configuration cannot be read
     */
    public WorkspaceClient build() {
      KubeTransport given = transport;
      return given == null
          ? new WorkspaceClient(HttpKubeTransport.fromDefaultConfig(), true, scheduler, planner)
          : new WorkspaceClient(given, false, scheduler, planner);
    }
  }
}
