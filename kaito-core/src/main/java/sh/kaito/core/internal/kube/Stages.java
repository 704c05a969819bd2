package sh.kaito.core.internal.kube;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Outcomes of completion stages. A dependent stage wraps the exception of the one before into a
 * {@link CompletionException}; these keep and find the exception that was meant.
 */
public final class Stages {
  private Stages() {}

  /** What a stage failed with, out of its wrappings. */
  public static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** A failed stage hands on its own exception, not a wrapping. */
  public static <T> CompletionStage<T> unwrapped(CompletionStage<T> stage) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletionStage<T> unused =
        stage.whenComplete((value, failure) -> relay(result, value, failure));
    return result;
  }

  /** Completes a future as a stage was. */
  public static <T> void relay(
      CompletableFuture<T> to, @Nullable T value, @Nullable Throwable failure) {
    if (failure != null) {
      to.completeExceptionally(cause(failure));
    } else if (value != null) {
      to.complete(value);
    } else {
      to.completeExceptionally(new IllegalStateException("A stage completed without a value"));
    }
  }
}
