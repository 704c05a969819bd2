package sh.kaito.testkit;

import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;

/**
 * What listens in a simulated pod, as a function from a request to its answer. It is called in
 * process, without a socket, so it also answers under virtual time.
 *
 * <p>Implementations are thread-safe, do not block, and answer every input, hostile ones included,
 * with a response rather than an exception.
 */
@FunctionalInterface
public interface PodHandler {

  /**
   * Answers one request.
   *
   * @param request path and query are those that the process in the pod sees ({@code /healthz}),
   *     not those of the API server's proxy
   */
  KubeResponse handle(KubeRequest request);
}
