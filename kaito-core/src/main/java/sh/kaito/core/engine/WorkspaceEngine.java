package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.core.provision.ClaimProvisioner;

/**
 * Brings Workspaces to what they ask for: GPU nodes, model server, status. For hosts that have a
 * loop of their own: the engine says which key to look at ({@link Builder#onWake}), the host calls
 * {@link #reconcile}, and nothing in it ever waits for a node, a pod or a cloud.
 *
 * <p>Thread-safe. Owns its provisioner and, where none was given, its scheduler; the transport
 * stays the caller's to close.
 */
public final class WorkspaceEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  /** Between two live looks at a Workspace that the caches do not show. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

  /** How often the nodes of a vanished owner are looked at; nothing else wakes its key. */
  private static final Duration ORPHAN_LOOK = Duration.ofSeconds(5);

  /** Threads of the scheduler that is made where none is given; nothing on them ever waits. */
  private static final int THREADS = 2;

  /** If the caches do not show our own write by then, something is wrong with the watch. */
  private static final Duration CATCH_UP = Duration.ofSeconds(10);

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final @Nullable SystemScheduler ownScheduler;
  private final NodeProvisioner provisioner;
  private final String installation;
  private final Consumer<WorkspaceKey> onWake;
  private final Observer observer;
  private final KubeClient client;
  private final Scope scope;
  private final Telemetry telemetry;
  private final EventTeller events;
  private final Orphans orphans;
  private final PurchaseGuard guard;
  private final BeforePurchase beforePurchase;
  private final Map<WorkspaceKey, KeyState> states = new ConcurrentHashMap<>();
  private volatile @Nullable Caches caches;
  private volatile Instant startedAt = Instant.EPOCH;
  private volatile boolean closed;

  private WorkspaceEngine(Builder builder) {
    this.telemetry = builder.telemetry;
    this.events = new EventTeller(telemetry);
    this.scope = builder.scope();
    this.provisioner =
        Objects.requireNonNull(
            builder.provisioner, "WorkspaceEngine needs a provisioner: call provisioner(...)");
    this.ownScheduler = builder.scheduler == null ? SystemScheduler.create("kaito", THREADS) : null;
    this.scheduler =
        builder.scheduler == null ? Objects.requireNonNull(ownScheduler) : builder.scheduler;
    this.transport =
        new WorkspaceMdc(
            builder.metered
                ? builder.transport
                : new MeteredTransport(builder.transport, scheduler, telemetry));
    this.installation = builder.installation;
    this.onWake = builder.onWake;
    this.orphans = new Orphans(provisioner, scheduler);
    this.guard = builder.guard;
    this.observer =
        new Observer(
            new IntentReader(builder.planner, provisioner, builder.upgrades),
            provisioner,
            builder.adoption);
    this.client = KubeClient.of(transport, KaitoApi.FIELD_MANAGER);
    this.beforePurchase =
        new BeforePurchase(new Prerequisites(client, scheduler, this::areGpusOffered), guard);
  }

  /** Starts to describe an engine. */
  public static Builder builder(KubeTransport transport) {
    return new Builder(transport);
  }

  synchronized void startNow() {
    if (closed) {
      throw new IllegalStateException("the engine was closed; make a new one");
    }
    if (caches != null) {
      return;
    }
    startedAt = scheduler.clock().instant();
    Caches started = new Caches(transport, scheduler, client, scope, this::wakeIfOpen);
    caches = started;
    provisioner.start(
        ProvisionerContext.builder()
            .transport(transport)
            .scheduler(scheduler)
            .nodes(started.nodes())
            .changes(this::wake)
            .installation(installation)
            .fieldManager(KaitoApi.FIELD_MANAGER)
            .build());
    if (!provisioner.buysNodes()) {
      started.nodes().onChange(node -> wakeRefused());
    }
    started.start();
  }

  /** A node of the user's that was added, labelled or got its GPUs may be what they lack. */
  private void wakeRefused() {
    states.forEach(
        (key, state) -> {
          boolean refused;
          synchronized (state) {
            refused = state.intent instanceof Intent.Refused;
          }
          if (refused) {
            wakeIfOpen(key);
          }
        });
  }

  Scheduler scheduler() {
    return scheduler;
  }

  String provisionerName() {
    return provisioner.name();
  }

  private void wake(NodeSetKey key) {
    wakeIfOpen(new WorkspaceKey(key.namespace(), key.name()));
  }

  /** Whether the cache shows the owner of a set of nodes, under its uid. */
  boolean knows(NodeSetKey nodes) {
    Caches now = caches;
    return now != null
        && now.workspace(new WorkspaceKey(nodes.namespace(), nodes.name()))
            .filter(workspace -> workspace.observed().uid().equals(nodes.ownerUid()))
            .isPresent();
  }

  private void wakeIfOpen(WorkspaceKey key) {
    if (!closed && scope.covers(key)) {
      onWake.accept(key);
    }
  }

  /** Whether all caches are complete; until then a reconcile decides nothing. */
  public boolean isSynced() {
    Caches now = caches;
    return now != null && now.isSynced() && provisioner.isSynced();
  }

  /**
   * What keeps the engine from following the cluster, for a person: a definition that is not
   * installed, a missing permission, a server that does not answer. Empty while all is well.
   */
  public Optional<String> problem() {
    Caches now = caches;
    if (now == null) {
      return Optional.of("the engine was not started");
    }
    Optional<String> problem =
        now.problem().or(() -> Optional.of(guard.hold()).filter(text -> !text.isEmpty()));
    return problem.isPresent() || provisioner.isSynced()
        ? problem
        : Optional.of("provisioner " + provisioner.name() + " does not know yet what exists");
  }

  Telemetry telemetry() {
    return telemetry;
  }

  /** Instance types of which nothing is requested for now. */
  int pausedTypes() {
    return provisioner instanceof ClaimProvisioner claims ? claims.pausedInstanceTypes().size() : 0;
  }

  /** Whether purchases are held back, because another operator is there. */
  boolean isHeld() {
    return !guard.hold().isEmpty();
  }

  /** How many Workspaces are in each phase of {@link Transitions#phase}. */
  Map<String, Integer> phases() {
    Map<String, Integer> phases = new HashMap<>();
    Caches now = caches;
    if (now != null) {
      now.workspaces()
          .forEach(cached -> phases.merge(Transitions.phase(cached.observed()), 1, Integer::sum));
    }
    return phases;
  }

  /**
   * Looks at one Workspace and does what is to be done now. Returns at once; calls for one key
   * never overlap: a call during another makes that one look once more and shares its result.
   *
   * @return completes normally whatever happens in the cluster; exceptionally only for a defect of
   *     the library
   */
  public CompletionStage<ReconcileResult> reconcile(WorkspaceKey key) {
    KeyState state = states.computeIfAbsent(key, k -> new KeyState());
    CompletableFuture<ReconcileResult> result;
    synchronized (state) {
      if (state.running != null) {
        state.again = true;
        return state.running;
      }
      result = new CompletableFuture<>();
      state.running = result;
    }
    Instant began = scheduler.clock().instant();
    var unused =
        result.thenAccept(
            done ->
                telemetry.reconciled(
                    done.outcome(), Duration.between(began, scheduler.clock().instant())));
    WorkspaceMdc.run(key, () -> round(key, state, result));
    return result;
  }

  private void round(WorkspaceKey key, KeyState state, CompletableFuture<ReconcileResult> result) {
    CompletionStage<ReconcileResult> once;
    try {
      once = reconcileOnce(key, state);
    } catch (RuntimeException e) {
      once = CompletableFuture.failedFuture(e);
    }
    var unused =
        once.handle(
            (done, error) -> {
              boolean again;
              synchronized (state) {
                again = state.again && error == null && !closed;
                state.again = false;
                if (!again) {
                  state.running = null;
                }
              }
              if (again) {
                // Not from here: rounds without a request would nest without end.
                scheduler
                    .executor()
                    .execute(() -> WorkspaceMdc.run(key, () -> round(key, state, result)));
              } else if (error != null) {
                result.completeExceptionally(error);
              } else {
                result.complete(done);
              }
              return null;
            });
  }

  private CompletionStage<ReconcileResult> reconcileOnce(WorkspaceKey key, KeyState state) {
    Caches now = caches;
    boolean synced = isSynced();
    if (closed || now == null || !(synced || (now.isReleaseSynced() && provisioner.isSynced()))) {
      return CompletableFuture.completedFuture(
          ReconcileResult.of(ReconcileResult.Outcome.WAITING, FIRST_RETRY));
    }
    // Before the cache is read, not after: an event that comes in between would make old look new.
    boolean showsOwnWrites = showsOwnWrites(now, key, state);
    Optional<Caches.CachedWorkspace> cached = now.workspace(key);
    if (cached.isEmpty()) {
      return absent(now, key, state);
    }
    ObservedWorkspace workspace = cached.get().observed();
    if (!synced && !workspace.deleting()) {
      return CompletableFuture.completedFuture(
          ReconcileResult.of(ReconcileResult.Outcome.WAITING, FIRST_RETRY));
    }
    String before;
    synchronized (state) {
      before = state.uid;
      if (!before.equals(workspace.uid())) {
        state.begin(workspace.uid());
        state.knownFrom = scheduler.clock().instant();
        showsOwnWrites = true;
      }
      state.existed = true;
      if (!showsOwnWrites) {
        return CompletableFuture.completedFuture(
            ReconcileResult.of(ReconcileResult.Outcome.WAITING, CATCH_UP));
      }
    }
    Duration pause;
    synchronized (state) {
      pause = state.pace.untilNext(scheduler.clock().instant());
    }
    if (!pause.isZero() && !workspace.deleting()) {
      return CompletableFuture.completedFuture(
          ReconcileResult.of(ReconcileResult.Outcome.WAITING, pause));
    }
    if (!before.isEmpty() && !before.equals(workspace.uid())) {
      // The name has another uid now, so the owner before is certainly gone.
      orphans.add(state, nodeSet(key, before), noEarlierPurchaseAfter(state));
      telemetry.event(new EngineEvent.Deleted(key));
    }
    events.looked(state, workspace);
    orphans.release(state);
    Observation observation = observer.observe(now, cached.get(), state);
    Decision decision =
        Decide.decide(observation, scheduler.clock().instant(), noEarlierPurchaseAfter(state));
    Optional<CompletableFuture<ReconcileResult>> first =
        beforePurchase.look(key, state, decision, observation);
    if (first.isPresent()) {
      return first.get();
    }
    return applier(now)
        .apply(workspace, decision.steps(), !observation.nodes().slots().isEmpty())
        .thenApply(report -> result(key, state, observation, decision, report));
  }

  /** Whether the caches have reached the engine's own last writes for this Workspace. */
  private static boolean showsOwnWrites(Caches now, WorkspaceKey key, KeyState state) {
    synchronized (state) {
      state
          .written
          .entrySet()
          .removeIf(write -> now.includes(write.getKey(), key.namespace(), write.getValue()));
      return state.written.isEmpty();
    }
  }

  /**
   * From when on no purchase of another process can arrive: one that led before this one started,
   * or one that had this Workspace in its share of the cluster until it came into ours.
   */
  private Instant noEarlierPurchaseAfter(KeyState state) {
    Instant from = state.knownFrom.isAfter(startedAt) ? state.knownFrom : startedAt;
    return from.plus(Decide.LATE_ARRIVAL);
  }

  /**
   * The cache has no such Workspace. Where its nodes were released that is the end; where they were
   * not, somebody took the finalizer off, and a live read decides.
   */
  private CompletionStage<ReconcileResult> absent(Caches now, WorkspaceKey key, KeyState state) {
    String uid;
    boolean ensured;
    synchronized (state) {
      uid = state.uid;
      ensured = state.ensured;
    }
    NodeSetKey nodes = nodeSet(key, uid);
    NodeSetStatus status = provisioner.observe(nodes);
    boolean released =
        uid.isEmpty()
            || status.phase() == NodePhase.GONE
            || (!ensured && status.slots().isEmpty() && status.phase() == NodePhase.PENDING);
    if (released) {
      if (!uid.isEmpty()) {
        provisioner.forget(nodes);
        synchronized (state) {
          state.begin("");
        }
      }
      return CompletableFuture.completedFuture(end(key, state));
    }
    return client
        .getMetadata(now.workspaceType(), ObjectKey.of(key.namespace(), key.name()))
        .handle(
            (live, error) -> {
              if (live != null
                  && (isMissing(live, key) || (live.isSuccess() && !live.uid().equals(uid)))) {
                LOG.warn("{} (uid {}) is gone and its nodes are not; releasing them", key, uid);
                orphans.add(state, nodes, noEarlierPurchaseAfter(state));
                synchronized (state) {
                  state.begin("");
                }
                return end(key, state);
              }
              if (live != null && live.isSuccess() && !scope.selector().isEmpty()) {
                LOG.info("{} has left the selector {}", key, scope.selector());
                provisioner.forget(nodes);
                states.remove(key, state);
                return ReconcileResult.of(ReconcileResult.Outcome.GONE);
              }
              // The API is not served now, or does not answer; the caches wake this key when it is.
              Duration wait;
              synchronized (state) {
                state.failures++;
                wait = state.backOff();
              }
              return ReconcileResult.of(
                  ReconcileResult.Outcome.WAITING,
                  wait.compareTo(LONGEST_LOOK) < 0 ? wait : LONGEST_LOOK);
            });
  }

  private boolean areGpusOffered() {
    Caches now = caches;
    return now != null && now.areGpusOffered();
  }

  /** A 404 that names the object; one without may say that the whole API is not served now. */
  private static boolean isMissing(KubeResult live, WorkspaceKey key) {
    return live.isNotFound()
        && live.body().path("details").path("name").asText().equals(key.name());
  }

  private ReconcileResult end(WorkspaceKey key, KeyState state) {
    orphans.release(state);
    synchronized (state) {
      if (!state.orphans.isEmpty()) {
        return ReconcileResult.of(ReconcileResult.Outcome.WAITING, ORPHAN_LOOK);
      }
    }
    states.remove(key, state);
    events.gone(state, key);
    return ReconcileResult.of(ReconcileResult.Outcome.GONE);
  }

  private Applier applier(Caches now) {
    return new Applier(
        client,
        provisioner,
        now.workspaceType(),
        new EventWriter(client, scheduler),
        () -> closed,
        new HandoverSteps(
            client,
            provisioner,
            now.workspaceType(),
            node -> now.nodes().byName(node).isPresent()));
  }

  private ReconcileResult result(
      WorkspaceKey key,
      KeyState state,
      Observation observation,
      Decision decision,
      Applier.Report report) {
    boolean orphaned;
    Duration backOff;
    synchronized (state) {
      state.take(report, decision, scheduler.clock().instant());
      // What was decided rests on the status before; at the start of a process on none at all.
      state.again |=
          report.nodes != null && !progress(report.nodes).equals(progress(observation.nodes()));
      state.failures = report.failure == null ? 0 : state.failures + 1;
      state.staleRounds = report.stale ? state.staleRounds + 1 : 0;
      backOff = report.stale ? state.staleBackOff() : state.backOff();
      orphaned = !state.orphans.isEmpty();
    }
    events.acted(state, observation, decision, report);
    if (report.failure != null) {
      events.failed(key, report.failure, state.failures);
      LOG.warn("{}: {}", key, report.failure);
      Duration asked = report.retryAfter.orElse(backOff);
      return new ReconcileResult(
          ReconcileResult.Outcome.FAILED,
          Optional.of(asked.compareTo(backOff) > 0 ? asked : backOff),
          report.failure);
    }
    Instant now = scheduler.clock().instant();
    Optional<Duration> nextLook =
        report.stale
            ? Optional.of(backOff)
            : decision
                .nextLook()
                .map(time -> Duration.between(now, time))
                // What is due already was done in this round, or waits for an answer that wakes.
                .map(wait -> wait.compareTo(FIRST_RETRY) < 0 ? FIRST_RETRY : wait);
    if (orphaned && nextLook.filter(wait -> wait.compareTo(ORPHAN_LOOK) <= 0).isEmpty()) {
      nextLook = Optional.of(ORPHAN_LOOK);
    }
    return new ReconcileResult(
        report.written.isEmpty()
            ? ReconcileResult.Outcome.UNCHANGED
            : ReconcileResult.Outcome.WROTE,
        nextLook,
        "");
  }

  /** How far each slot has come, without texts and times, which may differ from call to call. */
  private static Map<NodeSlot, NodePhase> progress(NodeSetStatus status) {
    Map<NodeSlot, NodePhase> progress = new HashMap<>();
    status.slots().forEach(slot -> progress.put(slot.slot(), slot.phase()));
    progress.put(new NodeSlot(-1, 0), status.phase());
    return progress;
  }

  private static NodeSetKey nodeSet(WorkspaceKey key, String uid) {
    return new NodeSetKey(key.namespace(), key.name(), uid, NodeSetKey.WORKERS);
  }

  /** Stops watching; nothing in the cluster is changed. Idempotent. */
  @Override
  public void close() {
    closed = true;
    Caches now = caches;
    if (now != null) {
      now.close();
    }
    provisioner.close();
    if (ownScheduler != null) {
      ownScheduler.close();
    }
  }

  /** Describes a {@link WorkspaceEngine}. Not thread-safe. */
  public static final class Builder extends EngineOptions<Builder> {
    private Builder(KubeTransport transport) {
      super(transport);
    }

    @Override
    Builder self() {
      return this;
    }

    WorkspaceEngine build() {
      return new WorkspaceEngine(this);
    }

    /** Builds the engine and starts to fill its caches; returns at once. */
    public WorkspaceEngine start() {
      WorkspaceEngine engine = build();
      engine.startNow();
      return engine;
    }
  }
}
