package sh.kaito.core.engine;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

  private final Builder settings;
  private final Scheduler scheduler;
  private final @Nullable SystemScheduler ownScheduler;
  private final Telemetry telemetry;
  private final KubeTransport transport;
  private final @Nullable LeaseElector elector;
  private final Probes probes;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();

  private final Object lock = new Object();
  private boolean started;
  private boolean closing;
  private int terms;
  private @Nullable Term term;
  private @Nullable NodeProvisioner unused;
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
    this.probes = new Probes(scheduler, elector, election);
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
    boolean begun;
    synchronized (lock) {
      if (closing) {
        return Health.bad(stopMessage());
      }
      begun = started;
    }
    return begun ? probes.readiness(term(), checkProblem) : Health.bad("not started");
  }

  /**
   * Whether it is alive: it did not stop by itself, and its threads run tasks. For an HTTP probe at
   * {@code /healthz}; sends nothing.
   */
  public Health liveness() {
    synchronized (lock) {
      if (closing) {
        return Health.bad(stopMessage());
      }
    }
    return probes.liveness();
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

  int pausedTypes() {
    return Optional.ofNullable(term()).map(now -> now.engine().pausedTypes()).orElse(0);
  }

  int held() {
    return Optional.ofNullable(term()).filter(now -> now.engine().isHeld()).isPresent() ? 1 : 0;
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
  public static final class Builder extends ControllerOptions<Builder> {
    private Builder(KubeTransport transport) {
      super(transport);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Builds the controller; nothing is sent before {@link KaitoController#start()}. */
    public KaitoController build() {
      return new KaitoController(this);
    }
  }
}
