package sh.kaito.core.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.core.internal.kube.Stages;

/** From what a transport answers to what a caller gets: values, or {@link WorkspaceException}s. */
final class Await {
  private Await() {}

  static <T> T result(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkspaceException(
          WorkspaceException.Kind.UNREACHABLE, "interrupted while waiting for an answer", e);
    }
  }

  /**
   * A stage whose own failure is a {@link WorkspaceException}, not a wrapping of it; what the work
   * throws before there is a stage becomes its failure too.
   */
  static <T> CompletionStage<T> outcome(Supplier<CompletionStage<T>> work) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    CompletionStage<T> stage;
    try {
      stage = work.get();
    } catch (IllegalArgumentException e) {
      outcome.completeExceptionally(
          new WorkspaceException(
              WorkspaceException.Kind.INVALID, String.valueOf(e.getMessage()), e));
      return outcome;
    } catch (RuntimeException e) {
      outcome.completeExceptionally(failure(e));
      return outcome;
    }
    var unused =
        stage.whenComplete(
            (value, error) -> {
              if (error == null) {
                outcome.complete(value);
              } else {
                outcome.completeExceptionally(failure(error));
              }
            });
    return outcome;
  }

  /** The exception that a caller sees; what was ours already stays as it is. */
  static WorkspaceException failure(Throwable error) {
    Throwable cause = Stages.cause(error);
    if (cause instanceof WorkspaceException ours) {
      return ours;
    }
    String what =
        cause instanceof KubeTransportException
            ? "the API server did not answer: " + cause.getMessage()
            : String.valueOf(cause.getMessage());
    return new WorkspaceException(WorkspaceException.Kind.UNREACHABLE, what, cause);
  }
}
