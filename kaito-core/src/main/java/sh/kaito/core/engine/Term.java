package sh.kaito.core.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.RequestInfo;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.PurchaseInventory;
import sh.kaito.core.internal.lease.FencedTransport;
import sh.kaito.core.kube.RateLimitedTransport;
import sh.kaito.core.provision.OrphanCollector;
import sh.kaito.core.provision.OwnerLookup;

/**
 * The time in which one process is the operator: an engine, the queue that drives it, and the fence
 * that its writes pass last. Everything that is known in it is forgotten with it, because another
 * process may lead in between.
 */
final class Term {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoController.class);

  private static final Duration FIRST_LOOK = Duration.ofMillis(100);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);

  /** Between two looks for nodes without owner. */
  private static final Duration COLLECTION = Duration.ofMinutes(3);

  private final WorkspaceEngine engine;
  private final WorkQueue queue;
  private final FencedTransport fence;
  private final KubeTransport outermost;
  private final Telemetry telemetry;
  private final Reconnection reconnection = new Reconnection();
  private final Scheduler scheduler;
  private final Scope scope;
  private final @Nullable OrphanCollector orphans;
  private volatile boolean ended;

  /**
   * A term, not started.
   *
   * @param metered the way to the API server, measured
   * @param provisioner new: it is started and closed with this term
   * @param mayWrite asked before each write
   */
  Term(
      KaitoController.Builder settings,
      KubeTransport metered,
      Scheduler scheduler,
      Telemetry telemetry,
      NodeProvisioner provisioner,
      BooleanSupplier mayWrite) {
    this.scheduler = scheduler;
    this.scope = settings.scope();
    this.telemetry = telemetry;
    this.fence = new FencedTransport(metered, mayWrite);
    // The fence comes after the limit: a request may wait there for longer than the lease lasts.
    this.outermost =
        settings.requestsPerSecond > 0
            ? RateLimitedTransport.of(
                fence, scheduler, settings.requestsPerSecond, settings.requestBurst)
            : fence;
    this.engine =
        settings
            .engine
            .metered(outermost, telemetry)
            .provisioner(provisioner)
            .scheduler(scheduler)
            .onWake(this::wake)
            .guard(
                settings.alongsideGoOperator
                    ? PurchaseGuard.none()
                    : PurchaseGuard.of(
                        scheduler, new GoOperatorCheck(metered, scheduler, scope)::look))
            .build();
    this.queue = new WorkQueue(scheduler, settings.workers, engine::reconcile);
    this.orphans =
        provisioner instanceof PurchaseInventory
            ? OrphanCollector.builder(provisioner, OwnerLookup.workspaces(outermost), scheduler)
                .known(engine::knows)
                .anyOwner(() -> !engine.phases().isEmpty())
                .scope(key -> scope.covers(new WorkspaceKey(key.namespace(), key.name())))
                .mayAct(() -> !ended && mayWrite.getAsBoolean())
                .build()
            : null;
  }

  private void wake(WorkspaceKey key) {
    queue.add(key);
  }

  void start() {
    telemetry.add(reconnection);
    engine.startNow();
    scheduler.schedule(FIRST_LOOK, () -> announce(FIRST_LOOK));
    if (orphans != null) {
      scheduler.schedule(COLLECTION, () -> collect(orphans));
    }
  }

  /** Looks for nodes whose owner is gone for good; costs no request as long as there are none. */
  private void collect(OrphanCollector collector) {
    if (ended) {
      return;
    }
    long owners = collector.collected();
    long pauses = collector.pauses();
    var unused =
        collector
            .collect()
            .handle(
                (pass, error) -> {
                  telemetry.collected(collector.collected() - owners, collector.pauses() - pauses);
                  if (error != null) {
                    LOG.warn("looking for nodes without owner failed", error);
                  }
                  if (!ended) {
                    scheduler.schedule(COLLECTION, () -> collect(collector));
                  }
                  return null;
                });
  }

  /** Says once that it works, for whoever reads the log; looks less and less often until then. */
  private void announce(Duration waited) {
    if (ended) {
      return;
    }
    if (engine.isSynced()) {
      LOG.info(
          "Kaito controller is ready: caches are synced, {} Workspaces in {}, provisioner {}",
          engine.phases().values().stream().mapToInt(Integer::intValue).sum(),
          scope.namespaces().isEmpty() ? "all namespaces" : "namespaces " + scope.namespaces(),
          engine.provisionerName());
      return;
    }
    Duration next = waited.multipliedBy(2);
    Duration wait = next.compareTo(LONGEST_LOOK) < 0 ? next : LONGEST_LOOK;
    scheduler.schedule(wait, () -> announce(wait));
  }

  WorkspaceEngine engine() {
    return engine;
  }

  WorkQueue queue() {
    return queue;
  }

  /**
   * Ends it: nothing new begins, and no further write leaves.
   *
   * @param limit for writes that are under way
   * @return completes when they have ended, or the limit is over
   */
  CompletionStage<Void> end(Duration limit) {
    ended = true;
    telemetry.remove(reconnection);
    queue.close();
    engine.close();
    outermost.close();
    CompletableFuture<Void> done = new CompletableFuture<>();
    Scheduler.Timer timer = scheduler.schedule(limit, () -> done.complete(null));
    fence
        .drained()
        .thenRun(
            () -> {
              timer.cancel();
              done.complete(null);
            });
    return done;
  }

  /** Sees when the API server is back after it did not answer. */
  private final class Reconnection implements Telemetry.Sink {
    private volatile boolean away;

    @Override
    public void request(RequestInfo request, int status, Duration took) {
      if (status == 0) {
        away = true;
      } else if (away && status < 500) {
        away = false;
        queue.retryFailed();
      }
    }

    @Override
    public void reconciled(ReconcileResult.Outcome outcome, Duration took) {
      // Not its business.
    }

    @Override
    public void event(EngineEvent event) {
      // Not its business.
    }
  }
}
