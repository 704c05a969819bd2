package sh.kaito.testkit;

import sh.kaito.testkit.internal.apiserver.faults.FaultInjector;

/**
 * Faults on purpose of an embedded API server: what goes wrong, for which requests, how often. They
 * act behind the front ends, so a client sees the same over HTTP and in process, and on a {@link
 * VirtualScheduler} the same run gives the same faults.
 *
 * <pre>{@code
 * Faults faults = server.faults();
 * faults.requests(RequestMatch.of("create", "nodeclaims.karpenter.sh")).nth(1).resetAfter();
 * faults.requests(RequestMatch.writes("workspaces/status")).first(3).throttle(ofSeconds(2));
 * faults.events(RequestMatch.watches("pods")).every().delay(ofSeconds(5));      // a lagging watch
 * faults.events(RequestMatch.watches("nodes")).nth(4).drop(ofMinutes(10));
 * }</pre>
 *
 * <p><b>Which rule acts.</b> Every rule counts what its match covers, from the moment it is set.
 * Where several have chosen the same request or event, the one that was set first acts; {@linkplain
 * RequestFaults#observe() observers} never stand in the way.
 *
 * <p><b>Exploring.</b> Run a scenario once with an observer; it tells how many requests there are.
 * Then run it again for each {@code n} with a fault at {@code nth(n)}.
 *
 * <p>Thread-safe. The server's own controllers are not clients and see no fault.
 */
public final class Faults {
  private final FaultInjector injector;

  Faults(FaultInjector injector) {
    this.injector = injector;
  }

  /** Begins a fault of requests. It is set by the method that says what happens. */
  public RequestFaults requests(RequestMatch match) {
    return new RequestFaults(injector, match);
  }

  /**
   * Begins a fault of watch events: of ADDED, MODIFIED and DELETED, initial ones included, on all
   * watches together that the match covers. It is set by the method that says what happens.
   *
   * @param watches which watches, such as {@link RequestMatch#watches}
   */
  public EventFaults events(RequestMatch watches) {
    return new EventFaults(injector, watches);
  }

  /**
   * Breaks the connections of open watches, as a load balancer does; their clients may resume.
   *
   * @return how many
   */
  public int cutWatches(RequestMatch match) {
    return injector.cutWatches(match::matches);
  }

  /**
   * Ends open watches with 410, as after a compaction; their clients must list anew.
   *
   * @return how many
   */
  public int expireWatches(RequestMatch match) {
    return injector.expireWatches(match::matches);
  }

  /** Removes all faults. What is delayed already stays delayed. */
  public void clear() {
    injector.clear();
  }
}
