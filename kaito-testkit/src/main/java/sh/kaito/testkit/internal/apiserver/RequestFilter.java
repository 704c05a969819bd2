package sh.kaito.testkit.internal.apiserver;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import sh.kaito.api.kube.KubeRequest;

/**
 * Stands between a front end and the handlers, the same for both front ends: the place for faults
 * on purpose.
 */
@FunctionalInterface
public interface RequestFilter {
  /** Passes everything on. */
  RequestFilter NONE = (request, handler) -> CompletableFuture.completedFuture(handler.get());

  /**
   * Answers a request.
   *
   * @param handler what the server would answer; calling it takes effect
   * @return exceptionally: the connection breaks without an answer
   */
  CompletionStage<Answer> apply(KubeRequest request, Supplier<Answer> handler);
}
