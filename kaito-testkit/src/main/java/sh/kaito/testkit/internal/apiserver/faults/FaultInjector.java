package sh.kaito.testkit.internal.apiserver.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.Answer;
import sh.kaito.testkit.internal.apiserver.ApiFailure;

/**
 * Carries the faults out. Without a rule a request costs one look at an empty list. Thread-safe.
 */
public final class FaultInjector {
  private final Scheduler scheduler;
  private final LongSupplier revision;
  private final List<RequestRule> requestRules = new CopyOnWriteArrayList<>();
  private final List<EventRule> eventRules = new CopyOnWriteArrayList<>();
  private final Set<FaultyStream> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong count = new AtomicLong();

  /**
   * @param revision the newest resource version of the store
   */
  public FaultInjector(Scheduler scheduler, LongSupplier revision) {
    this.scheduler = scheduler;
    this.revision = revision;
  }

  public void add(RequestRule rule) {
    requestRules.add(rule);
  }

  public void remove(RequestRule rule) {
    requestRules.remove(rule);
  }

  public void add(EventRule rule) {
    eventRules.add(rule);
  }

  public void remove(EventRule rule) {
    eventRules.remove(rule);
  }

  public void clear() {
    requestRules.clear();
    eventRules.clear();
  }

  List<EventRule> eventRules() {
    return eventRules;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /**
   * Answers a request.
   *
   * @param handler what the server answers to a request; calling it takes effect
   * @return exceptionally: the connection breaks without an answer
   */
  public CompletionStage<Answer> apply(KubeRequest request, Function<KubeRequest, Answer> handler) {
    RequestRule acting = requestRules.isEmpty() ? null : choose(request);
    if (acting == null) {
      return CompletableFuture.completedFuture(pass(request, handler));
    }
    return act(acting, request, handler);
  }

  /** Every rule counts; the first that has chosen the request and does something acts. */
  private @Nullable RequestRule choose(KubeRequest request) {
    RequestRule acting = null;
    for (RequestRule rule : requestRules) {
      if (rule.chooses(request)) {
        if (rule.action() instanceof RequestAction.Pass) {
          rule.strike();
        } else if (acting == null) {
          acting = rule;
        }
      }
    }
    return acting;
  }

  private Answer pass(KubeRequest request, Function<KubeRequest, Answer> handler) {
    Answer answer = handler.apply(request);
    if (answer instanceof Answer.Stream stream) {
      if (owesRelist(request)) {
        stream.stream().close();
        return new Answer.Whole(
            ApiFailure.expired("too old resource version: the watch cache is newer").response());
      }
      FaultyStream faulty =
          new FaultyStream(stream.stream(), request, this, count.incrementAndGet());
      open.add(faulty);
      return new Answer.Stream(faulty, stream.headers());
    }
    return answer;
  }

  private boolean owesRelist(KubeRequest watch) {
    boolean owed = false;
    if (!watch.query("resourceVersion").orElse("0").equals("0")) {
      for (EventRule rule : eventRules) {
        owed |= rule.covers(watch) && rule.takeOwedRelist();
      }
    }
    return owed;
  }

  private CompletionStage<Answer> act(
      RequestRule rule, KubeRequest request, Function<KubeRequest, Answer> handler) {
    RequestAction action = rule.action();
    if (action instanceof RequestAction.Respond respond) {
      rule.strike();
      return CompletableFuture.completedFuture(new Answer.Whole(respond.response()));
    } else if (action instanceof RequestAction.Delay delay) {
      rule.strike();
      CompletableFuture<Answer> later = new CompletableFuture<>();
      after(delay.delay(), () -> later.complete(pass(request, handler)));
      return later;
    } else if (action instanceof RequestAction.DelayAnswer delay) {
      Answer answer = pass(request, handler);
      rule.strike();
      CompletableFuture<Answer> later = new CompletableFuture<>();
      after(delay.delay(), () -> later.complete(answer));
      return later;
    } else if (action instanceof RequestAction.ResetBefore) {
      rule.strike();
      return broken();
    } else if (action instanceof RequestAction.ResetAfter) {
      discard(handler.apply(request));
      rule.strike();
      return broken();
    } else if (action instanceof RequestAction.ApplyLate late) {
      rule.strike();
      after(late.delay(), () -> discard(handler.apply(request)));
      return broken();
    } else if (action instanceof RequestAction.Stale stale) {
      rule.strike();
      return CompletableFuture.completedFuture(past(stale, request, handler));
    }
    return CompletableFuture.completedFuture(pass(request, handler));
  }

  private Answer past(
      RequestAction.Stale stale, KubeRequest request, Function<KubeRequest, Answer> handler) {
    if (!request.info().verb().equals("list") || request.query("continue").isPresent()) {
      return pass(request, handler);
    }
    KubeRequest exact =
        request.toBuilder()
            .setQuery(
                "resourceVersion",
                Long.toString(Math.max(1, revision.getAsLong() - stale.changes())))
            .setQuery("resourceVersionMatch", "Exact")
            .build();
    Answer answer = handler.apply(exact);
    // What the history no longer holds cannot be shown: then the present is.
    return answer instanceof Answer.Whole whole && whole.response().status() == 410
        ? handler.apply(request)
        : answer;
  }

  private void after(Duration delay, Runnable task) {
    // Taken back by nobody: it is the fault itself.
    Scheduler.Timer unused = scheduler.schedule(delay, task);
  }

  private static void discard(Answer answer) {
    if (answer instanceof Answer.Stream stream) {
      stream.stream().close();
    }
  }

  private static CompletionStage<Answer> broken() {
    return CompletableFuture.failedFuture(breaking());
  }

  static KubeTransportException breaking() {
    return new KubeTransportException(
        KubeTransportException.Effect.UNKNOWN, "connection reset (a fault on purpose)", null);
  }

  /** The event was lost; some time later the clients of the rule must list anew. */
  void relistLater(EventRule rule, Duration delay) {
    after(
        delay,
        () -> {
          if (expireWatches(rule::covers) == 0) {
            rule.oweRelist();
          }
        });
  }

  void closed(FaultyStream stream) {
    open.remove(stream);
  }

  /** Breaks the connections of open watches; how many. */
  public int cutWatches(Predicate<KubeRequest> match) {
    List<FaultyStream> chosen = openOf(match);
    chosen.forEach(FaultyStream::cut);
    return chosen.size();
  }

  /** Ends open watches with 410; how many. */
  public int expireWatches(Predicate<KubeRequest> match) {
    List<FaultyStream> chosen = openOf(match);
    chosen.forEach(FaultyStream::expire);
    return chosen.size();
  }

  private List<FaultyStream> openOf(Predicate<KubeRequest> match) {
    List<FaultyStream> chosen = new ArrayList<>();
    for (FaultyStream stream : open) {
      if (match.test(stream.request())) {
        chosen.add(stream);
      }
    }
    // In the order they were opened: a hash set has none that a second run repeats.
    chosen.sort(Comparator.comparingLong(FaultyStream::number));
    return chosen;
  }
}
