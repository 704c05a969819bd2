package sh.kaito.testkit.internal.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;

/**
 * Says which process a request is from, counts the requests, and can fall silent: then nothing is
 * answered until {@link #giveUp}.
 */
public final class TaggedTransport implements KubeTransport {
  private final KubeTransport next;
  private final String agent;
  private final List<CompletableFuture<KubeResponse>> unanswered = new ArrayList<>();
  private int requests;
  private boolean silent;

  public TaggedTransport(KubeTransport next, String agent) {
    this.next = next;
    this.agent = agent;
  }

  /** Requests so far; watches, which are opened anew every few minutes, are not counted. */
  public synchronized int requests() {
    return requests;
  }

  /** From now on requests get no answer. */
  public synchronized void fallSilent() {
    silent = true;
  }

  /** Fails what is unanswered, so that whoever waits for it is freed. Any thread. */
  public void giveUp() {
    List<CompletableFuture<KubeResponse>> open;
    synchronized (this) {
      open = List.copyOf(unanswered);
      unanswered.clear();
    }
    open.forEach(
        answer ->
            answer.completeExceptionally(
                new KubeTransportException(
                    KubeTransportException.Effect.UNKNOWN, "the server is silent", null)));
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    synchronized (this) {
      requests++;
      if (silent) {
        CompletableFuture<KubeResponse> never = new CompletableFuture<>();
        unanswered.add(never);
        return never;
      }
    }
    return next.exchange(tagged(request));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return next.watch(tagged(request), listener);
  }

  private KubeRequest tagged(KubeRequest request) {
    return request.toBuilder().header("User-Agent", agent).build();
  }

  /** The other transport is not this one's to close. */
  @Override
  public void close() {}
}
