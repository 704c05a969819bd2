package sh.kaito.api.kube;

import java.util.concurrent.CompletionStage;

/**
 * A way to a Kubernetes API server: one request and its answer, or one watch. Everything the
 * library does to a cluster goes through this port; counting, recording, faults, rate limits and
 * redaction are decorators of it.
 *
 * <p>Implementations are thread-safe and never block the caller: {@link #exchange} and {@link
 * #watch} return at once. Completions and watch events may arrive on any thread; callers hop to
 * their {@link Scheduler}.
 */
public interface KubeTransport extends AutoCloseable {

  /**
   * Sends one request.
   *
   * @return completes with the answer, whatever its status (a 404 or 409 is an answer), or
   *     exceptionally with a {@link KubeTransportException} when there was none
   */
  CompletionStage<KubeResponse> exchange(KubeRequest request);

  /**
   * Opens one watch: a GET whose answer is a stream of JSON documents, one a line.
   *
   * <p>The listener gets any number of {@code onEvent}, then exactly one of {@code onEnd} or {@code
   * onRejected}; after {@link KubeWatch#close()} it may get nothing more. Calls are serial.
   *
   * @param request a GET with {@code watch=true} in its query
   */
  KubeWatch watch(KubeRequest request, KubeWatch.Listener listener);

  /** Ends open watches and frees what the transport owns. Idempotent. */
  @Override
  void close();
}
