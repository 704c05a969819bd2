package sh.kaito.testkit.behaviour.leaderelection;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.Scheduler;

/** The scheduler of one process that can be stopped as a whole, as SIGSTOP or a long GC does. */
final class PausableScheduler implements Scheduler {
  /** Long enough for a test to stop the process between a request and its answer. */
  private static final Duration ANSWER_TIME = Duration.ofMillis(40);

  private final Scheduler next;
  private final List<Runnable> held = new ArrayList<>();
  private boolean paused;

  PausableScheduler(Scheduler next) {
    this.next = next;
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    List<Runnable> due = List.copyOf(held);
    held.clear();
    due.forEach(task -> next.executor().execute(task));
  }

  /** The process's connection: what comes in while it is paused waits in its sockets. */
  KubeTransport connection(KubeTransport transport) {
    return new KubeTransport() {
      @Override
      public CompletionStage<KubeResponse> exchange(KubeRequest request) {
        CompletableFuture<KubeResponse> result = new CompletableFuture<>();
        transport
            .exchange(request)
            .whenComplete(
                (response, failure) ->
                    schedule(
                        ANSWER_TIME,
                        () -> {
                          if (failure == null) {
                            result.complete(response);
                          } else {
                            result.completeExceptionally(failure);
                          }
                        }));
        return result;
      }

      @Override
      public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
        return transport.watch(request, listener);
      }

      @Override
      public void close() {
        // The cluster's to close.
      }
    };
  }

  private Runnable holding(Runnable task) {
    return () -> {
      if (paused) {
        held.add(task);
      } else {
        task.run();
      }
    };
  }

  @Override
  public Clock clock() {
    return next.clock();
  }

  @Override
  public Executor executor() {
    return task -> next.executor().execute(holding(task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return next.schedule(delay, holding(task));
  }

  @Override
  public RandomGenerator random() {
    return next.random();
  }
}
