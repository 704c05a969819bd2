package sh.kaito.testkit;

import java.time.Duration;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.faults.Choice;
import sh.kaito.testkit.internal.apiserver.faults.EventAction;
import sh.kaito.testkit.internal.apiserver.faults.EventRule;
import sh.kaito.testkit.internal.apiserver.faults.FaultInjector;

/**
 * A fault of watch events on its way: which of the matching ones ({@link #nth}, {@link #first},
 * {@link #every}; without a word every one), then what happens to them. Immutable until it is set.
 * An event counts once for each watch that it is sent on.
 */
public final class EventFaults {
  private final FaultInjector injector;
  private final RequestMatch watches;
  private final Choice choice;
  private final Runnable then;

  EventFaults(FaultInjector injector, RequestMatch watches) {
    this(injector, watches, Choice.EVERY, () -> {});
  }

  private EventFaults(FaultInjector injector, RequestMatch watches, Choice choice, Runnable then) {
    this.injector = injector;
    this.watches = watches;
    this.choice = choice;
    this.then = then;
  }

  /** The first {@code count} events. */
  public EventFaults first(int count) {
    return new EventFaults(injector, watches, Choice.first(count), then);
  }

  /** The {@code n}-th event alone; the first is 1. */
  public EventFaults nth(int n) {
    return new EventFaults(injector, watches, Choice.nth(n), then);
  }

  /** Every event: the default. */
  public EventFaults every() {
    return new EventFaults(injector, watches, Choice.EVERY, then);
  }

  /** Runs when the fault strikes, before the client sees anything of it. Must not block. */
  public EventFaults then(Runnable action) {
    return new EventFaults(injector, watches, choice, Objects.requireNonNull(action));
  }

  /** Nothing happens: it only counts and remembers. */
  public Fault observe() {
    return set(new EventAction.Pass());
  }

  /**
   * The event is lost for the client: neither this watch nor one that resumes shows it. What comes
   * after it does come; the client learns of the lost change when it lists anew.
   */
  public Fault drop() {
    return set(new EventAction.Drop(Duration.ZERO));
  }

  /**
   * As {@link #drop()}, and after some time the watch ends with 410, so that the client lists anew.
   * Where no watch is open then, the next one is answered so.
   */
  public Fault drop(Duration relistAfter) {
    return set(new EventAction.Drop(positive(relistAfter)));
  }

  /** The event comes twice in a row. */
  public Fault duplicate() {
    return set(new EventAction.Duplicate());
  }

  /** The event comes later, and so does whatever follows it on its watch. */
  public Fault delay(Duration delay) {
    return set(new EventAction.Delay(positive(delay)));
  }

  /** The connection breaks in place of the event; a watch that resumes gets it. */
  public Fault cut() {
    return set(new EventAction.Cut());
  }

  /** The watch ends with 410 in place of the event; the client must list anew. */
  public Fault expire() {
    return set(new EventAction.Expire());
  }

  private static Duration positive(Duration delay) {
    if (delay.isNegative() || delay.isZero()) {
      throw new IllegalArgumentException("a delay is more than zero, found " + delay);
    }
    return delay;
  }

  private Fault set(EventAction action) {
    EventRule rule = new EventRule(watches::matches, choice, action, then);
    injector.add(rule);
    return new Fault(rule.occurrences(), () -> injector.remove(rule));
  }
}
