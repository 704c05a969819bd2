package sh.kaito.core.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.internal.kube.Stages;

/**
 * Which Workspace a log line is about: the MDC entry {@code workspace}, with the key as {@code
 * namespace/name}. It follows a reconcile from thread to thread, because it is put up again around
 * the answer to each request that was sent under it.
 */
final class WorkspaceMdc implements KubeTransport {
  static final String KEY = "workspace";

  private final KubeTransport next;

  /** A transport whose answers come with the MDC entry of their requests. */
  WorkspaceMdc(KubeTransport next) {
    this.next = next;
  }

  /** Runs a task as part of the work on a Workspace. */
  static void run(WorkspaceKey key, Runnable task) {
    run(key.toString(), task);
  }

  private static void run(@Nullable String value, Runnable task) {
    String before = MDC.get(KEY);
    put(value);
    try {
      task.run();
    } finally {
      put(before);
    }
  }

  private static void put(@Nullable String value) {
    if (value == null) {
      MDC.remove(KEY);
    } else {
      MDC.put(KEY, value);
    }
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    String workspace = MDC.get(KEY);
    CompletableFuture<KubeResponse> result = new CompletableFuture<>();
    next.exchange(request)
        .whenComplete(
            (response, failure) -> run(workspace, () -> Stages.relay(result, response, failure)));
    return result;
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return next.watch(request, listener);
  }

  @Override
  public void close() {
    // The caller's to close.
  }

  @Override
  public String toString() {
    return next.toString();
  }
}
