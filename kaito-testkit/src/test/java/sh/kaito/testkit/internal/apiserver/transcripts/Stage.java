package sh.kaito.testkit.internal.apiserver.transcripts;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;

/** Where a scenario is played: a server with the users of the recording, and its time. */
abstract class Stage implements AutoCloseable {
  private final Map<String, KubeTransport> transports = new HashMap<>();
  private final KubeApiServer server;

  private Stage(KubeApiServer.Builder builder) {
    this.server =
        builder
            .rbac(true)
            .user("admin", "token-of-admin")
            .user("nobody", "token-of-nobody")
            .user("limited", "token-of-limited")
            .build();
  }

  /** In process, on virtual time: the waiting of a scenario costs nothing. */
  static Stage virtual() {
    VirtualScheduler time =
        VirtualScheduler.builder()
            .seed(1)
            .startingAt(Instant.parse("2026-03-01T12:00:00Z"))
            .build();
    return new Stage(KubeApiServer.builder().inProcess(time)) {
      @Override
      Instant now() {
        return time.now();
      }

      @Override
      void advance(Duration duration) {
        time.advance(duration);
      }

      @Override
      KubeResponse answer(CompletionStage<KubeResponse> pending) {
        KubeResponse answer = time.await(pending, Duration.ofMinutes(1));
        time.runUntilIdle();
        return answer;
      }

      @Override
      void settle() {
        time.runUntilIdle();
      }
    };
  }

  /** Over HTTP, on the wall clock, as programs from outside need it. */
  static Stage real() {
    return new Stage(KubeApiServer.builder()) {
      private final long started = System.nanoTime();

      @Override
      Instant now() {
        return Instant.EPOCH.plusNanos(System.nanoTime() - started);
      }

      @Override
      void advance(Duration duration) {
        CompletableFuture.runAsync(
                () -> {},
                CompletableFuture.delayedExecutor(duration.toMillis(), TimeUnit.MILLISECONDS))
            .join();
      }

      @Override
      KubeResponse answer(CompletionStage<KubeResponse> pending) {
        try {
          return pending.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
          throw new AssertionError("no answer from the embedded API server", e.getCause());
        }
      }

      @Override
      void settle() {
        // What goes on, goes on by itself.
      }
    };
  }

  KubeApiServer server() {
    return server;
  }

  /** The transport of the user that a step names. */
  KubeTransport transport(String user) {
    return transports.computeIfAbsent(
        user,
        name ->
            switch (name) {
              case "", "admin", "badtoken" -> server.transport();
              case "anonymous" -> server.transport("system:anonymous");
              default -> server.transport(name);
            });
  }

  abstract Instant now();

  /** Lets time pass. */
  abstract void advance(Duration duration);

  /** Waits for an answer. */
  abstract KubeResponse answer(CompletionStage<KubeResponse> pending);

  /** Lets everything happen that can happen now. */
  abstract void settle();

  @Override
  public void close() {
    server.close();
  }
}
