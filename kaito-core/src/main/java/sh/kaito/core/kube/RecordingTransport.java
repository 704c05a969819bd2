package sh.kaito.core.kube;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.internal.kube.Stages;

/**
 * Keeps a log of what passes to another transport, in the order of the requests. Closing it closes
 * the other one. Thread-safe.
 *
 * <p>Headers are not recorded. Of bodies, the values of Secrets are replaced, tokens that were
 * issued too, and what goes through a proxy is left out. ConfigMaps and environment variables in
 * pod templates are recorded as they are: they are no place for secrets, but see what you publish.
 */
public final class RecordingTransport implements KubeTransport {
  private static final int DEFAULT_CAPACITY = 10_000;

  private final KubeTransport next;
  private final int capacity;
  private final Deque<Entry> entries = new ArrayDeque<>();

  private RecordingTransport(KubeTransport next, int capacity) {
    this.next = next;
    this.capacity = capacity;
  }

  /** Records the last 10,000 requests to another transport. */
  public static RecordingTransport of(KubeTransport next) {
    return of(next, DEFAULT_CAPACITY);
  }

  /**
   * Records requests to another transport.
   *
   * @param capacity how many; the oldest make room
   */
  public static RecordingTransport of(KubeTransport next, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be positive, was " + capacity);
    }
    return new RecordingTransport(next, capacity);
  }

  /** What was recorded so far, oldest first. */
  public List<RecordedExchange> exchanges() {
    synchronized (entries) {
      List<RecordedExchange> copy = new ArrayList<>(entries.size());
      entries.forEach(entry -> copy.add(entry.exchange));
      return copy;
    }
  }

  /** One line per request, oldest first. */
  public String text() {
    return exchanges().stream()
        .map(RecordedExchange::toString)
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Forgets what was recorded so far. */
  public void clear() {
    synchronized (entries) {
      entries.clear();
    }
  }

  private Entry record(KubeRequest request) {
    Entry entry =
        new Entry(RecordedExchange.sent(request, Redaction.ofBody(request.info(), request.body())));
    synchronized (entries) {
      if (entries.size() == capacity) {
        entries.removeFirst();
      }
      entries.add(entry);
    }
    return entry;
  }

  private void update(Entry entry, UnaryOperator<RecordedExchange> change) {
    synchronized (entries) {
      entry.exchange = change.apply(entry.exchange);
    }
  }

  private void answered(Entry entry, KubeRequest request, KubeResponse response) {
    String body = Redaction.ofBody(request.info(), response.body());
    update(entry, exchange -> exchange.answered(response.status(), body));
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    Entry entry = record(request);
    return Stages.unwrapped(
        next.exchange(request)
            .whenComplete(
                (response, failure) -> {
                  if (failure == null) {
                    answered(entry, request, response);
                  } else {
                    String text = Stages.cause(failure).toString();
                    update(entry, exchange -> exchange.failed(text));
                  }
                }));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    Entry entry = record(request);
    return next.watch(
        request,
        new KubeWatch.Listener() {
          @Override
          public void onEvent(byte[] event) {
            update(entry, RecordedExchange::withEvent);
            listener.onEvent(event);
          }

          @Override
          public void onRejected(KubeResponse response) {
            answered(entry, request, response);
            listener.onRejected(response);
          }

          @Override
          public void onEnd(@Nullable Throwable cause) {
            if (cause != null) {
              update(entry, exchange -> exchange.failed(cause.toString()));
            }
            listener.onEnd(cause);
          }
        });
  }

  @Override
  public void close() {
    next.close();
  }

  @Override
  public String toString() {
    return "RecordingTransport[" + next + "]";
  }

  private static final class Entry {
    RecordedExchange exchange;

    Entry(RecordedExchange exchange) {
      this.exchange = exchange;
    }
  }
}
