package sh.kaito.core.client;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import sh.kaito.api.kube.KubeTransportException;

/** From stages to results on the caller's own thread. */
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

  /** The exception that a caller sees; what was ours already stays as it is. */
  static WorkspaceException failure(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
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
