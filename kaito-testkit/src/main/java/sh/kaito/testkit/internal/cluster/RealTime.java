package sh.kaito.testkit.internal.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;

/** Waiting on the wall clock. */
public final class RealTime {
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private RealTime() {}

  /**
   * Waits for a stage.
   *
   * @throws AssertionError when it is not complete within the limit
   * @throws CompletionException when it completed exceptionally
   */
  public static <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit) {
    try {
      return stage
          .toCompletableFuture()
          .copy()
          .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new AssertionError(
            "Waited for a completion stage; the limit of " + limit + " is over", e);
      }
      throw e;
    }
  }

  /**
   * Waits until a condition holds; it is looked at on the scheduler.
   *
   * @throws AssertionError when it does not hold within the limit
   */
  public static void awaitUntil(
      Scheduler scheduler, String what, BooleanSupplier condition, Duration limit) {
    CompletableFuture<Void> held = new CompletableFuture<>();
    look(scheduler, condition, held);
    try {
      held.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new AssertionError("Waited for " + what + "; the limit of " + limit + " is over", e);
      }
      throw e;
    }
  }

  private static void look(
      Scheduler scheduler, BooleanSupplier condition, CompletableFuture<Void> held) {
    try {
      if (condition.getAsBoolean()) {
        held.complete(null);
        return;
      }
    } catch (RuntimeException | Error e) {
      held.completeExceptionally(e);
      return;
    }
    if (!held.isDone()) {
      Scheduler.Timer unused =
          scheduler.schedule(LOOK_EVERY, () -> look(scheduler, condition, held));
    }
  }

  /** Lets so much time pass. */
  public static CompletionStage<Void> after(Scheduler scheduler, Duration delay) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    Scheduler.Timer unused = scheduler.schedule(delay, () -> over.complete(null));
    return over;
  }
}
