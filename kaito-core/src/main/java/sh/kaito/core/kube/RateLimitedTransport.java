package sh.kaito.core.kube;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Stages;

/**
 * Limits how fast requests go to another transport, and heeds a server that says it is too busy.
 *
 * <ul>
 *   <li>A token bucket: so many requests a second on average, so many at once after a pause.
 *       Further ones wait in the order in which they came. Opening a watch counts as one request.
 *   <li>An answer 429 means that the server did nothing: the request is sent again, after the time
 *       that {@code Retry-After} names (a second where it names none), ten times at most. Until
 *       then all other requests wait too. A watch that is refused with 429 is not opened again:
 *       that is for its listener to decide.
 *   <li>Requests for Leases neither wait nor count, so that a controller does not lose its
 *       leadership because it is busy.
 * </ul>
 *
 * <p>Closing it closes the other transport; requests that wait end with {@link Effect#NONE}.
 * Thread-safe.
 */
public final class RateLimitedTransport implements KubeTransport {
  private static final int MOST_ATTEMPTS = 10;
  private static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);

  private final KubeTransport next;
  private final Scheduler scheduler;
  private final double perSecond;
  private final int burst;

  private final Object lock = new Object();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private double tokens;
  private Instant filledAt;
  private Instant notBefore;
  private Scheduler.@Nullable Timer timer;
  private boolean closed;

  private RateLimitedTransport(
      KubeTransport next, Scheduler scheduler, double perSecond, int burst) {
    this.next = next;
    this.scheduler = scheduler;
    this.perSecond = perSecond;
    this.burst = burst;
    this.tokens = burst;
    this.filledAt = scheduler.clock().instant();
    this.notBefore = filledAt;
  }

  /**
   * Limits another transport.
   *
   * @param scheduler for the waits
   * @param perSecond requests a second on average, above zero
   * @param burst requests at once after a pause, one at least
   */
  public static RateLimitedTransport of(
      KubeTransport next, Scheduler scheduler, double perSecond, int burst) {
    if (!(perSecond > 0) || burst < 1) {
      throw new IllegalArgumentException(
          "A rate limit needs more than 0 requests a second and a burst of 1 at least, got "
              + perSecond
              + " and "
              + burst);
    }
    return new RateLimitedTransport(next, scheduler, perSecond, burst);
  }

  /** How many requests wait for their turn. */
  public int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    if (isLease(request)) {
      return next.exchange(request);
    }
    CompletableFuture<KubeResponse> result = new CompletableFuture<>();
    submit(new WaitingExchange(request, result, 1));
    return result;
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    if (isLease(request)) {
      return next.watch(request, listener);
    }
    WaitingWatch watch = new WaitingWatch(request, listener);
    submit(watch);
    return watch;
  }

  @Override
  public void close() {
    List<Waiting> left;
    synchronized (lock) {
      closed = true;
      left = new ArrayList<>(waiting);
      waiting.clear();
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
    left.forEach(Waiting::refuse);
    next.close();
  }

  @Override
  public String toString() {
    return "RateLimitedTransport[" + perSecond + "/s, burst " + burst + ", " + next + "]";
  }

  private static boolean isLease(KubeRequest request) {
    return request.info().resource().equals("leases");
  }

  private void submit(Waiting request) {
    boolean refused;
    synchronized (lock) {
      refused = closed;
      if (!closed) {
        waiting.add(request);
      }
    }
    if (refused) {
      request.refuse();
    } else {
      pump();
    }
  }

  /** Sends what may be sent now, and comes back when the next one may. */
  private void pump() {
    while (true) {
      Waiting request;
      synchronized (lock) {
        if (closed || waiting.isEmpty()) {
          return;
        }
        Duration wait = waitForTurn();
        if (!wait.isZero()) {
          if (timer == null) {
            timer =
                scheduler.schedule(
                    wait,
                    () -> {
                      synchronized (lock) {
                        timer = null;
                      }
                      pump();
                    });
          }
          return;
        }
        tokens -= 1;
        request = waiting.remove();
      }
      request.send();
    }
  }

  private Duration waitForTurn() {
    Instant now = scheduler.clock().instant();
    tokens = Math.min(burst, tokens + Duration.between(filledAt, now).toNanos() * perSecond / 1e9);
    filledAt = now;
    if (now.isBefore(notBefore)) {
      return Duration.between(now, notBefore);
    }
    // Rounded up: a timer that is a fraction too early would find no token.
    return tokens >= 1
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil((1 - tokens) / perSecond * 1e9) + 1);
  }

  private void pause(KubeResponse busy) {
    Duration duration =
        busy.header("Retry-After")
            .filter(value -> value.matches("\\d{1,6}"))
            .map(value -> Duration.ofSeconds(Long.parseLong(value)))
            .orElse(DEFAULT_RETRY_AFTER);
    synchronized (lock) {
      Instant until = scheduler.clock().instant().plus(duration);
      if (until.isAfter(notBefore)) {
        notBefore = until;
      }
    }
  }

  private static KubeTransportException closedBefore(KubeRequest request) {
    return new KubeTransportException(
        Effect.NONE, request.method() + " " + request.path() + ": the transport was closed", null);
  }

  private interface Waiting {
    void send();

    void refuse();
  }

  private final class WaitingExchange implements Waiting {
    private final KubeRequest request;
    private final CompletableFuture<KubeResponse> result;
    private final int attempt;

    WaitingExchange(KubeRequest request, CompletableFuture<KubeResponse> result, int attempt) {
      this.request = request;
      this.result = result;
      this.attempt = attempt;
    }

    @Override
    public void send() {
      CompletionStage<KubeResponse> unused =
          next.exchange(request)
              .whenComplete(
                  (response, failure) -> {
                    if (failure != null) {
                      result.completeExceptionally(Stages.cause(failure));
                    } else if (response.status() == 429 && attempt < MOST_ATTEMPTS) {
                      pause(response);
                      submit(new WaitingExchange(request, result, attempt + 1));
                    } else {
                      result.complete(response);
                    }
                  });
    }

    @Override
    public void refuse() {
      result.completeExceptionally(closedBefore(request));
    }
  }

  private final class WaitingWatch implements Waiting, KubeWatch {
    private final KubeRequest request;
    private final Listener listener;
    private @Nullable KubeWatch opened;
    private boolean over;

    WaitingWatch(KubeRequest request, Listener listener) {
      this.request = request;
      this.listener = listener;
    }

    @Override
    public void send() {
      synchronized (this) {
        if (over) {
          return;
        }
      }
      KubeWatch watch = next.watch(request, new Pausing(listener));
      boolean late;
      synchronized (this) {
        opened = watch;
        late = over;
      }
      if (late) {
        watch.close();
      }
    }

    @Override
    public void refuse() {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
      }
      listener.onEnd(closedBefore(request));
    }

    @Override
    public void close() {
      KubeWatch watch;
      synchronized (this) {
        over = true;
        watch = opened;
      }
      if (watch != null) {
        watch.close();
      }
    }
  }

  private final class Pausing implements KubeWatch.Listener {
    private final KubeWatch.Listener listener;

    Pausing(KubeWatch.Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onEvent(byte[] event) {
      listener.onEvent(event);
    }

    @Override
    public void onRejected(KubeResponse response) {
      if (response.status() == 429) {
        pause(response);
      }
      listener.onRejected(response);
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      listener.onEnd(cause);
    }
  }
}
