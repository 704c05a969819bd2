package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.lease.LeaseElector;

/** What a running controller answers to HTTP probes. Sends nothing. Thread-safe. */
final class Probes {
  /** A task that waits for longer for one of the threads finds them stuck. */
  private static final Duration STUCK = Duration.ofSeconds(60);

  private final Scheduler scheduler;
  private final @Nullable LeaseElector elector;
  private final @Nullable LeaderElection election;
  private final Object lock = new Object();
  private @Nullable Instant pulseSent;

  Probes(Scheduler scheduler, @Nullable LeaseElector elector, @Nullable LeaderElection election) {
    this.scheduler = scheduler;
    this.elector = elector;
    this.election = election;
  }

  /**
   * Of a controller that was started and not closed.
   *
   * @param term null while it does not work
   * @param checkProblem why it cannot start yet; empty when nothing stands against it
   */
  Health readiness(@Nullable Term term, String checkProblem) {
    if (term == null) {
      return elector == null || elector.mayWrite()
          ? Health.bad(
              checkProblem.isEmpty()
                  ? "looking for other operators"
                  : "cannot start: " + checkProblem)
          : standby(elector);
    }
    if (!term.engine().isSynced()) {
      return Health.bad("caches are not complete; " + term.engine().problem().orElse("listing"));
    }
    return Health.good(term.engine().problem().map(text -> "working; " + text).orElse("working"));
  }

  private Health standby(LeaseElector lease) {
    LeaderElection rules = Objects.requireNonNull(election);
    Instant fresh = scheduler.clock().instant().minus(rules.leaseDuration());
    if (!lease.problem().isEmpty()) {
      return Health.bad("lease " + rules.key() + " " + lease.problem());
    }
    if (lease.lastContact().isBefore(fresh)) {
      return Health.bad("lease " + rules.key() + " was not seen yet");
    }
    return Health.good("standing by; " + lease.holder() + " leads");
  }

  /** Whether the threads run tasks: each call hands them one, and looks after the one before. */
  Health liveness() {
    Instant now = scheduler.clock().instant();
    synchronized (lock) {
      Instant sent = pulseSent;
      if (sent != null) {
        return sent.plus(STUCK).isBefore(now)
            ? Health.bad("a task waits since " + sent + " for a thread; all are stuck")
            : Health.good("alive");
      }
      pulseSent = now;
    }
    scheduler
        .executor()
        .execute(
            () -> {
              synchronized (lock) {
                pulseSent = null;
              }
            });
    return Health.good("alive");
  }
}
