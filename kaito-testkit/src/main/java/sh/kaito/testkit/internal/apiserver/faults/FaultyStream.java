package sh.kaito.testkit.internal.apiserver.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.watch.EventStream;
import sh.kaito.testkit.internal.apiserver.watch.WatchEvent;

/** A watch whose events go through the rules. Without rules it hands them on as they are. */
final class FaultyStream implements EventStream {
  /** An event that waits; everything behind it waits too, for the order is the server's. */
  private record Held(Instant due, WatchEvent event) {}

  private final EventStream stream;
  private final KubeRequest request;
  private final FaultInjector injector;
  private final long number;
  private final Deque<Held> held = new ArrayDeque<>();
  private volatile Runnable wake = () -> {};
  private volatile boolean expiring;
  private volatile @Nullable Throwable broken;
  private boolean finished;

  FaultyStream(EventStream stream, KubeRequest request, FaultInjector injector, long number) {
    this.stream = stream;
    this.request = request;
    this.injector = injector;
    this.number = number;
  }

  KubeRequest request() {
    return request;
  }

  long number() {
    return number;
  }

  @Override
  public void open(Runnable onReadable) {
    wake = onReadable;
    stream.open(onReadable);
  }

  @Override
  public @Nullable WatchEvent next() {
    while (!finished && broken == null) {
      if (expiring) {
        finished = true;
        stream.close();
        return stream.error(
            ApiFailure.expired("too old resource version: a fault on purpose").status());
      }
      Held first = held.peek();
      if (first != null && !first.due().isAfter(injector.scheduler().clock().instant())) {
        held.poll();
        return first.event();
      }
      WatchEvent event = stream.next();
      if (event == null) {
        return null;
      }
      WatchEvent now = through(event);
      if (now != null) {
        return now;
      }
    }
    return null;
  }

  /** The event as it is to be sent now; null when it is lost or waits. */
  private @Nullable WatchEvent through(WatchEvent event) {
    Duration delay = Duration.ZERO;
    if (event.isChange() && !injector.eventRules().isEmpty()) {
      if (isLost(event)) {
        return null;
      }
      EventRule rule = choose(event);
      if (rule != null) {
        rule.strike();
        EventAction action = rule.action();
        if (action instanceof EventAction.Drop drop) {
          rule.lose(event.revision());
          if (!drop.relistAfter().isZero()) {
            injector.relistLater(rule, drop.relistAfter());
          }
          return null;
        } else if (action instanceof EventAction.Duplicate) {
          hold(event, Duration.ZERO);
        } else if (action instanceof EventAction.Delay lag) {
          delay = lag.delay();
        } else if (action instanceof EventAction.Cut) {
          cut();
          return null;
        } else if (action instanceof EventAction.Expire) {
          expiring = true;
          return null;
        }
      }
    }
    if (!held.isEmpty() || !delay.isZero()) {
      hold(event, delay);
      return null;
    }
    return event;
  }

  private boolean isLost(WatchEvent event) {
    for (EventRule rule : injector.eventRules()) {
      if (rule.hasLost(event) && rule.covers(request)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable EventRule choose(WatchEvent event) {
    EventRule acting = null;
    for (EventRule rule : injector.eventRules()) {
      if (rule.covers(request) && rule.chooses(request, event)) {
        if (rule.action() instanceof EventAction.Pass) {
          rule.strike();
        } else if (acting == null) {
          acting = rule;
        }
      }
    }
    return acting;
  }

  private void hold(WatchEvent event, Duration delay) {
    Instant due = injector.scheduler().clock().instant().plus(delay);
    Held last = held.peekLast();
    if (last != null && last.due().isAfter(due)) {
      due = last.due();
    }
    held.add(new Held(due, event));
    if (!delay.isZero()) {
      // Left alone when the watch ends first: waking a closed stream does nothing.
      Scheduler.Timer unused = injector.scheduler().schedule(delay, () -> wake.run());
    }
  }

  @Override
  public WatchEvent error(Map<String, Object> status) {
    return stream.error(status);
  }

  @Override
  public boolean finished() {
    return broken != null || finished || (held.isEmpty() && stream.finished());
  }

  @Override
  public @Nullable Throwable broken() {
    return broken;
  }

  void cut() {
    broken = FaultInjector.breaking();
    wake.run();
  }

  void expire() {
    expiring = true;
    wake.run();
  }

  @Override
  public void close() {
    stream.close();
    injector.closed(this);
  }
}
