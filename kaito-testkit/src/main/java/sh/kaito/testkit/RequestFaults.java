package sh.kaito.testkit;

import java.time.Duration;
import java.util.Objects;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.faults.Choice;
import sh.kaito.testkit.internal.apiserver.faults.FaultInjector;
import sh.kaito.testkit.internal.apiserver.faults.RequestAction;
import sh.kaito.testkit.internal.apiserver.faults.RequestRule;
import sh.kaito.testkit.internal.apiserver.faults.StatusAnswers;

/**
 * A fault of requests on its way: which of the matching ones ({@link #nth}, {@link #first}, {@link
 * #every}; without a word every one), then what happens to them. Immutable until it is set.
 *
 * <p>"Reset" is a connection that breaks without an answer: the client sees a {@link
 * sh.kaito.api.kube.KubeTransportException} with effect {@code UNKNOWN}, in process as over HTTP.
 */
public final class RequestFaults {
  private final FaultInjector injector;
  private final RequestMatch match;
  private final Choice choice;
  private final Runnable then;

  RequestFaults(FaultInjector injector, RequestMatch match) {
    this(injector, match, Choice.EVERY, () -> {});
  }

  private RequestFaults(FaultInjector injector, RequestMatch match, Choice choice, Runnable then) {
    this.injector = injector;
    this.match = match;
    this.choice = choice;
    this.then = then;
  }

  /** The first {@code count} matching requests. */
  public RequestFaults first(int count) {
    return new RequestFaults(injector, match, Choice.first(count), then);
  }

  /** The {@code n}-th matching request alone; the first is 1. */
  public RequestFaults nth(int n) {
    return new RequestFaults(injector, match, Choice.nth(n), then);
  }

  /** Every matching request: the default. */
  public RequestFaults every() {
    return new RequestFaults(injector, match, Choice.EVERY, then);
  }

  /**
   * Runs when the fault strikes, before the client sees anything of it: {@code
   * nth(7).then(controller::close).resetAfter()} is a process that dies when the server has done
   * what it asked for and before it hears of it. Called on a thread of the server, or of the
   * virtual scheduler; must not block.
   */
  public RequestFaults then(Runnable action) {
    return new RequestFaults(injector, match, choice, Objects.requireNonNull(action));
  }

  /** Nothing happens: it only counts and remembers. */
  public Fault observe() {
    return set(new RequestAction.Pass());
  }

  /**
   * Answers with a {@code Status} of the API server; the request has no effect.
   *
   * @param status HTTP status and {@code code}, such as 503
   * @param reason such as {@code ServiceUnavailable} or {@code Conflict}
   * @param message for people
   */
  public Fault answer(int status, String reason, String message) {
    return answer(StatusAnswers.of(status, reason, message));
  }

  /** Answers whatever is given; the request has no effect. */
  public Fault answer(KubeResponse response) {
    return set(new RequestAction.Respond(response));
  }

  /**
   * Answers 429 as API Priority and Fairness does; the request has no effect.
   *
   * @param retryAfter header {@code Retry-After}, in whole seconds, rounded up
   */
  public Fault throttle(Duration retryAfter) {
    return answer(StatusAnswers.tooManyRequests(retryAfter));
  }

  /** The request waits at the server before it takes effect. */
  public Fault delay(Duration delay) {
    return set(new RequestAction.Delay(positive(delay)));
  }

  /** The request takes effect at once and its answer comes later. */
  public Fault delayAnswer(Duration delay) {
    return set(new RequestAction.DelayAnswer(positive(delay)));
  }

  /** The connection breaks; the request has no effect. */
  public Fault resetBefore() {
    return set(new RequestAction.ResetBefore());
  }

  /** The request takes effect, and the connection breaks before the answer. */
  public Fault resetAfter() {
    return set(new RequestAction.ResetAfter());
  }

  /**
   * The connection breaks at once, and the request takes effect later: what a leader that lost its
   * lease may have left on the way.
   */
  public Fault applyLate(Duration delay) {
    return set(new RequestAction.ApplyLate(positive(delay)));
  }

  /**
   * Lists show the past: the state before the last {@code changes} changes of the whole server,
   * under the resourceVersion of then. Following pages and other verbs are left alone. A real
   * server does so from the cache of a replica that lags, for lists that allow it; here every list
   * that is chosen is stale, so choose the first ones of a client and not those that must be live.
   */
  public Fault stale(int changes) {
    if (changes < 1) {
      throw new IllegalArgumentException(
          "changes: found " + changes + ", a list is stale by one change or more");
    }
    return set(new RequestAction.Stale(changes));
  }

  private static Duration positive(Duration delay) {
    if (delay.isNegative() || delay.isZero()) {
      throw new IllegalArgumentException("a delay is more than zero, found " + delay);
    }
    return delay;
  }

  private Fault set(RequestAction action) {
    RequestRule rule = new RequestRule(match::matches, choice, action, then);
    injector.add(rule);
    return new Fault(rule.occurrences(), () -> injector.remove(rule));
  }
}
