package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.internal.kube.Stages;
import sh.kaito.core.internal.lease.LeaseElector;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.core.plan.Planner;

/**
 * A process that is the operator: a {@link WorkspaceEngine}, the queue that drives it and, where
 * several replicas run, the lease that says which of them works.
 *
 * <pre>{@code
 * try (KaitoController controller =
 *     KaitoController.builder(transport)
 *         .provisioner(ClaimProvisioner::gpuProvisioner)
 *         .leaderElection("kaito-system", "kaito")
 *         .build()) {
 *   controller.run(); // until close() or an interrupt
 * }
 * }</pre>
 *
 * <p>{@link #close()} ends it without touching what runs in the cluster: nodes and models stay.
 *
 * <p>Before it works it looks whether Kaito's Go operator does, and refuses to fight with it; see
 * {@link Builder#alongsideGoOperator()}.
 *
 * <p>Thread-safe. Owns the engine, its provisioners and, where none was given, its scheduler; the
 * transport stays the caller's.
 */
public final class KaitoController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoController.class);

  /** Threads of the scheduler that is made where none is given; nothing on them ever waits. */
  private static final int THREADS = 2;

  private static final Duration CHECK_RETRY = Duration.ofSeconds(5);

  /** How long writes that are under way may hold up the end. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(5);

  /** How long {@link #close()} waits for the end on a scheduler of its own. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /** A task that waits for longer for one of the threads finds them stuck. */
  private static final Duration STUCK = Duration.ofSeconds(60);

  private final Builder settings;
  private final Scheduler scheduler;
  private final @Nullable SystemScheduler ownScheduler;
  private final Telemetry telemetry;
  private final KubeTransport transport;
  private final @Nullable LeaseElector elector;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();

  private final Object lock = new Object();
  private boolean started;
  private boolean closing;
  private int terms;
  private @Nullable Term term;
  private @Nullable NodeProvisioner unused;
  private @Nullable Instant pulseSent;
  private volatile String checkProblem = "";

  private KaitoController(Builder settings) {
    this.settings = settings;
    if (settings.provisioners == null) {
      throw new NullPointerException("KaitoController needs a provisioner: call provisioner(...)");
    }
    this.ownScheduler =
        settings.scheduler == null ? SystemScheduler.create("kaito", THREADS) : null;
    this.scheduler =
        settings.scheduler == null ? Objects.requireNonNull(ownScheduler) : settings.scheduler;
    this.telemetry = settings.telemetry;
    this.transport = new MeteredTransport(settings.transport, scheduler, telemetry);
    this.unused = settings.single;
    LeaderElection election = settings.election;
    this.elector =
        election == null
            ? null
            : new LeaseElector(
                transport,
                scheduler,
                KaitoApi.FIELD_MANAGER,
                election.key(),
                election.identity(),
                election.timings(),
                new LeaseElector.Listener() {
                  @Override
                  public void onAcquired() {
                    beginTerm();
                  }

                  @Override
                  public void onLost(String why) {
                    loseTerm(why);
                  }
                });
  }

  /** Starts to describe a controller. */
  public static Builder builder(KubeTransport transport) {
    return new Builder(transport);
  }

  /**
   * Starts; returns at once. Whether it may work is found out afterwards: see {@link
   * #terminated()}.
   *
   * @throws IllegalStateException when it was closed
   */
  public KaitoController start() {
    synchronized (lock) {
      if (closing) {
        throw new IllegalStateException("the controller was closed; make a new one");
      }
      if (started) {
        return this;
      }
      started = true;
    }
    if (elector != null) {
      LOG.info("Kaito controller started; waits for lease {}", settings.electionName());
      elector.start();
    } else {
      beginTerm();
    }
    return this;
  }

  /**
   * Starts, and returns when the controller is closed or the thread is interrupted.
   *
   * @throws ControllerStoppedException when it stopped by itself
   */
  public void run() {
    start();
    try {
      terminated.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ControllerStoppedException stopped
          ? stopped
          : new IllegalStateException(e.getCause());
    }
  }

  // ---- terms

  private void beginTerm() {
    int mine;
    synchronized (lock) {
      if (closing) {
        return;
      }
      mine = ++terms;
    }
    if (settings.alongsideGoOperator) {
      startTerm(mine);
    } else {
      check(mine);
    }
  }

  private void check(int mine) {
    synchronized (lock) {
      if (closing || mine != terms) {
        return;
      }
    }
    new GoOperatorCheck(transport, scheduler, settings.scope())
        .look()
        .whenComplete(
            (reason, error) -> {
              if (error != null) {
                String text = String.valueOf(Stages.cause(error).getMessage());
                if (!text.equals(checkProblem)) {
                  checkProblem = text;
                  LOG.warn("cannot start yet, tries again every {}: {}", CHECK_RETRY, text);
                }
                scheduler.schedule(CHECK_RETRY, () -> check(mine));
              } else if (reason.isPresent()) {
                stopped(reason.get());
              } else {
                checkProblem = "";
                startTerm(mine);
              }
            });
  }

  private void startTerm(int mine) {
    Term begun;
    synchronized (lock) {
      if (closing || mine != terms) {
        return;
      }
      unused = null;
      NodeProvisioner provisioner = Objects.requireNonNull(settings.provisioners).get();
      LeaseElector lease = elector;
      begun =
          new Term(
              settings,
              transport,
              scheduler,
              telemetry,
              provisioner,
              lease == null ? () -> true : lease::mayWrite);
      term = begun;
    }
    begun.start();
  }

  private void loseTerm(String why) {
    Term ended;
    boolean once;
    synchronized (lock) {
      terms++;
      ended = term;
      term = null;
      once = settings.single != null && unused == null;
    }
    if (ended != null) {
      var unusedEnd = ended.end(Duration.ZERO);
    }
    if (once) {
      stopped(
          "This controller lost its lease: "
              + why
              + ". Start the process again; or give KaitoController a Supplier of provisioners,"
              + " and it competes again by itself.");
    }
  }

  private void stopped(String reason) {
    LOG.error("Kaito controller stops. {}", reason);
    end(new ControllerStoppedException(reason));
  }

  // ---- health

  /** Whether it may do its part: {@link #readiness()}. */
  public boolean isReady() {
    return readiness().ok();
  }

  /** Whether this is the process that works on Workspaces, and its caches are complete. */
  public boolean isLeading() {
    Term now = term();
    return now != null && now.engine().isSynced() && (elector == null || elector.mayWrite());
  }

  /**
   * Whether it is ready: caches complete; or, where another replica leads, able to take over. For
   * an HTTP probe at {@code /readyz}; sends nothing.
   */
  public Health readiness() {
    synchronized (lock) {
      if (closing) {
        return Health.bad(stopMessage());
      }
      if (!started) {
        return Health.bad("not started");
      }
    }
    Term now = term();
    if (now == null) {
      return elector == null || elector.mayWrite() ? starting() : standby(elector);
    }
    if (!now.engine().isSynced()) {
      return Health.bad("caches are not complete; " + now.engine().problem().orElse("listing"));
    }
    return Health.good(now.engine().problem().map(text -> "working; " + text).orElse("working"));
  }

  private Health starting() {
    return Health.bad(
        checkProblem.isEmpty() ? "looking for other operators" : "cannot start: " + checkProblem);
  }

  private Health standby(LeaseElector lease) {
    Instant fresh =
        scheduler
            .clock()
            .instant()
            .minus(Objects.requireNonNull(settings.election).leaseDuration());
    if (!lease.problem().isEmpty()) {
      return Health.bad("lease " + settings.electionName() + " " + lease.problem());
    }
    if (lease.lastContact().isBefore(fresh)) {
      return Health.bad("lease " + settings.electionName() + " was not seen yet");
    }
    return Health.good("standing by; " + lease.holder() + " leads");
  }

  /**
   * Whether it is alive: it did not stop by itself, and its threads run tasks. For an HTTP probe at
   * {@code /healthz}; sends nothing.
   */
  public Health liveness() {
    Instant now = scheduler.clock().instant();
    boolean pulse = false;
    synchronized (lock) {
      if (closing) {
        return Health.bad(stopMessage());
      }
      Instant sent = pulseSent;
      if (sent == null) {
        pulseSent = now;
        pulse = true;
      } else if (sent.plus(STUCK).isBefore(now)) {
        return Health.bad("a task waits since " + sent + " for a thread; all are stuck");
      }
    }
    if (pulse) {
      scheduler
          .executor()
          .execute(
              () -> {
                synchronized (lock) {
                  pulseSent = null;
                }
              });
    }
    return Health.good("alive");
  }

  private String stopMessage() {
    return terminated.isCompletedExceptionally()
        ? terminated.handle((done, error) -> String.valueOf(error.getMessage())).join()
        : "closed";
  }

  private @Nullable Term term() {
    synchronized (lock) {
      return term;
    }
  }

  // ---- for metrics

  Telemetry telemetry() {
    return telemetry;
  }

  Map<String, Integer> phases() {
    return Optional.ofNullable(term()).map(now -> now.engine().phases()).orElse(Map.of());
  }

  int queueDepth() {
    return Optional.ofNullable(term()).map(now -> now.queue().depth()).orElse(0);
  }

  int active() {
    return Optional.ofNullable(term()).map(now -> now.queue().active()).orElse(0);
  }

  // ---- end

  /**
   * Completes when the controller has ended: normally after {@link #close()}, with a {@link
   * ControllerStoppedException} when it stopped by itself.
   */
  public CompletionStage<Void> terminated() {
    return terminated.copy();
  }

  /**
   * Ends it without waiting: nothing new begins, writes that are under way end (5 s at most), then
   * the lease is given back. Idempotent; nothing in the cluster is changed.
   *
   * @return completes when all of that is done
   */
  public CompletionStage<Void> shutdown() {
    end(null);
    return terminated.handle((done, error) -> null);
  }

  private void end(@Nullable ControllerStoppedException failure) {
    Term last;
    NodeProvisioner never;
    synchronized (lock) {
      if (closing) {
        return;
      }
      closing = true;
      terms++;
      last = term;
      term = null;
      never = unused;
      unused = null;
    }
    if (never != null) {
      never.close();
    }
    CompletionStage<Void> ended =
        last == null ? CompletableFuture.completedFuture(null) : last.end(DRAIN_LIMIT);
    ended
        .thenCompose(
            done -> elector == null ? CompletableFuture.completedFuture(null) : elector.release())
        .whenComplete(
            (done, error) -> {
              if (failure != null) {
                terminated.completeExceptionally(failure);
              } else {
                terminated.complete(null);
              }
            });
  }

  /**
   * Ends it: {@link #shutdown()}, and on a scheduler of its own waits for it (10 s at most) and
   * ends its threads. Where the scheduler was given it does not wait. Idempotent.
   */
  @Override
  public void close() {
    CompletableFuture<Void> ended = shutdown().toCompletableFuture();
    if (ownScheduler == null) {
      return;
    }
    try {
      ended.get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("the controller did not end within {}; its lease runs out by itself", CLOSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    ownScheduler.close();
  }

  /** Describes a {@link KaitoController}. Not thread-safe. */
  public static final class Builder {
    final KubeTransport transport;
    final WorkspaceEngine.Builder engine;
    final Telemetry telemetry = new Telemetry();
    @Nullable Supplier<? extends NodeProvisioner> provisioners;
    @Nullable NodeProvisioner single;
    @Nullable Scheduler scheduler;
    @Nullable LeaderElection election;
    boolean alongsideGoOperator;
    int workers = 16;
    double requestsPerSecond;
    int requestBurst;

    private Builder(KubeTransport transport) {
      this.transport = transport;
      this.engine = WorkspaceEngine.builder(transport);
    }

    Scope scope() {
      return engine.scope();
    }

    String electionName() {
      return election == null ? "" : election.key().toString();
    }

    /**
     * Who gets the GPU nodes; this or {@link #provisioner(Supplier)} is required. Closed with the
     * controller. It serves once: with leader election a controller that loses its lease stops, as
     * a Go operator does, and its process is to be started again.
     */
    public Builder provisioner(NodeProvisioner provisioner) {
      this.single = provisioner;
      this.provisioners = () -> provisioner;
      return this;
    }

    /**
     * Makes who gets the GPU nodes, anew each time that this process begins to lead: {@code
     * ClaimProvisioner::gpuProvisioner}. A controller that loses its lease then competes again.
     */
    public Builder provisioner(Supplier<? extends NodeProvisioner> provisioners) {
      this.single = null;
      this.provisioners = provisioners;
      return this;
    }

    /** Time and threads; by default the wall clock and a small pool of its own. */
    public Builder scheduler(Scheduler scheduler) {
      this.scheduler = scheduler;
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#planner}. */
    public Builder planner(Planner planner) {
      engine.planner(planner);
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#upgradePolicy}. */
    public Builder upgradePolicy(UpgradePolicy policy) {
      engine.upgradePolicy(policy);
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#installation}. */
    public Builder installation(String installation) {
      engine.installation(installation);
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#namespaces}. */
    public Builder namespaces(Collection<String> namespaces) {
      engine.namespaces(namespaces);
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#selector}. */
    public Builder selector(String selector) {
      engine.selector(selector);
      return this;
    }

    /** Hears what happens to Workspaces; may be called several times. */
    public Builder listener(EngineListener listener) {
      telemetry.add(listener);
      return this;
    }

    /**
     * Works only while it holds this Lease, so that several replicas can run; see {@link
     * LeaderElection} for what can be set. Shards that share a cluster need a Lease each.
     */
    public Builder leaderElection(String namespace, String name) {
      return leaderElection(LeaderElection.builder().namespace(namespace).name(name).build());
    }

    /** Works only while it holds a Lease. */
    public Builder leaderElection(LeaderElection election) {
      this.election = election;
      return this;
    }

    /**
     * Starts although the Go operator runs, or seems to. Only for clusters in which the two never
     * see the same Workspace, or in a test.
     */
    public Builder alongsideGoOperator() {
      this.alongsideGoOperator = true;
      return this;
    }

    /**
     * How many Workspaces may have requests under way at once; default 16. No thread waits for
     * them.
     */
    public Builder workers(int workers) {
      if (workers < 1) {
        throw new IllegalArgumentException("workers: found " + workers + ", allowed is 1 or more");
      }
      this.workers = workers;
      return this;
    }

    /**
     * Limits requests to the API server; requests for the Lease are exempt. By default there is no
     * limit of ours: the server's own (API Priority and Fairness) applies, and its {@code
     * Retry-After} is heeded either way.
     *
     * @param perSecond on average, above 0
     * @param burst at once after a pause, 1 or more
     */
    public Builder rateLimit(double perSecond, int burst) {
      if (!(perSecond > 0) || burst < 1) {
        throw new IllegalArgumentException(
            "rateLimit: found "
                + perSecond
                + " requests a second and a burst of "
                + burst
                + ", allowed are more than 0 and 1 or more");
      }
      this.requestsPerSecond = perSecond;
      this.requestBurst = burst;
      return this;
    }

    /** Builds the controller; nothing is sent before {@link KaitoController#start()}. */
    public KaitoController build() {
      return new KaitoController(this);
    }
  }
}
