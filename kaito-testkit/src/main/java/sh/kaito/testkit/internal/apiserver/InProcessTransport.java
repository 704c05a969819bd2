package sh.kaito.testkit.internal.apiserver;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.auth.Peer;
import sh.kaito.testkit.internal.apiserver.watch.EventStream;
import sh.kaito.testkit.internal.apiserver.watch.WatchEvent;

/**
 * The front end without sockets: each request and each delivery of watch events is a task of the
 * scheduler, so on a virtual one all happens on its thread, in its order.
 */
public final class InProcessTransport implements KubeTransport {
  private final ApiServer server;
  private final Scheduler scheduler;
  private final Peer peer;
  private final String userAgent;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * A connection of one client, whose requests are a user's, unless they carry a token.
   *
   * @param userAgent header {@code User-Agent} of requests that have none; empty adds none
   */
  public InProcessTransport(
      ApiServer server, Scheduler scheduler, Caller caller, String userAgent) {
    this.server = server;
    this.scheduler = scheduler;
    this.peer = Peer.of(caller);
    this.userAgent = userAgent;
  }

  private KubeRequest named(KubeRequest request) {
    return userAgent.isEmpty() || request.header("User-Agent").isPresent()
        ? request
        : request.toBuilder().header("User-Agent", userAgent).build();
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    CompletableFuture<KubeResponse> result = new CompletableFuture<>();
    if (closed) {
      result.completeExceptionally(notOpen());
      return result;
    }
    scheduler
        .executor()
        .execute(
            () ->
                server
                    .serve(named(request), peer)
                    .whenComplete(
                        (answer, failure) -> {
                          if (failure != null) {
                            result.completeExceptionally(broken(failure));
                          } else {
                            complete(answer, result);
                          }
                        }));
    return result;
  }

  private static KubeTransportException notOpen() {
    return new KubeTransportException(
        KubeTransportException.Effect.NONE, "the transport is closed", null);
  }

  private static KubeTransportException broken(Throwable failure) {
    return failure instanceof KubeTransportException known
        ? known
        : new KubeTransportException(
            KubeTransportException.Effect.UNKNOWN,
            "the connection broke before an answer",
            failure);
  }

  private static void complete(Answer answer, CompletableFuture<KubeResponse> result) {
    if (answer instanceof Answer.Whole whole) {
      result.complete(whole.response());
    } else if (answer instanceof Answer.Later later) {
      later
          .response()
          .whenComplete(
              (response, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(broken(failure));
                } else {
                  result.complete(response);
                }
              });
    } else if (answer instanceof Answer.Stream stream) {
      stream.stream().close();
      result.completeExceptionally(
          new KubeTransportException(
              KubeTransportException.Effect.NONE,
              "the answer is a watch stream: open it with watch(), not with exchange()",
              null));
    }
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    Watch watch = new Watch(listener);
    if (closed) {
      scheduler.executor().execute(() -> watch.end(notOpen()));
      return watch;
    }
    watches.add(watch);
    scheduler.executor().execute(() -> open(request, watch));
    return watch;
  }

  private void open(KubeRequest request, Watch watch) {
    server
        .serve(named(request), peer)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                watch.end(broken(failure));
              } else if (answer instanceof Answer.Stream stream) {
                watch.start(stream.stream());
              } else {
                CompletableFuture<KubeResponse> response = new CompletableFuture<>();
                complete(answer, response);
                reject(watch, response);
              }
            });
  }

  private static void reject(Watch watch, CompletionStage<KubeResponse> response) {
    response.whenComplete(
        (whole, problem) -> {
          if (problem != null) {
            watch.end(broken(problem));
          } else {
            watch.reject(whole);
          }
        });
  }

  @Override
  public void close() {
    closed = true;
    watches.forEach(Watch::close);
  }

  private final class Watch implements KubeWatch {
    private final Listener listener;
    private final AtomicBoolean draining = new AtomicBoolean();
    private volatile boolean over;
    private volatile @Nullable EventStream stream;

    Watch(Listener listener) {
      this.listener = listener;
    }

    void start(EventStream opened) {
      stream = opened;
      if (over) {
        opened.close();
        return;
      }
      opened.open(() -> wake(opened));
    }

    /** One delivery at a time; a wake-up during one is seen by it or starts the next. */
    private void wake(EventStream opened) {
      if (!over && draining.compareAndSet(false, true)) {
        scheduler.executor().execute(() -> drain(opened));
      }
    }

    private void drain(EventStream opened) {
      // Before reading: whatever is written from here on wakes again.
      draining.set(false);
      synchronized (opened) {
        WatchEvent event;
        while (!over && (event = opened.next()) != null) {
          listener.onEvent(event.line());
        }
        if (!over && opened.finished()) {
          end(opened.broken());
        }
      }
    }

    void end(@Nullable Throwable cause) {
      if (finish()) {
        listener.onEnd(cause);
      }
    }

    void reject(KubeResponse response) {
      if (finish()) {
        listener.onRejected(response);
      }
    }

    private synchronized boolean finish() {
      boolean first = !over;
      over = true;
      watches.remove(this);
      EventStream opened = stream;
      if (opened != null) {
        opened.close();
      }
      return first;
    }

    @Override
    public void close() {
      finish();
    }
  }
}
