package sh.kaito.testkit.behaviour;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;

/** A connection that a test can cut, or let fall silent, and mend. Single-threaded. */
public final class Valve implements KubeTransport {
  private final KubeTransport next;
  private final List<OpenWatch> watches = new ArrayList<>();
  private final List<KubeRequest> sent = new ArrayList<>();
  private boolean cut;
  private boolean silent;

  public Valve(KubeTransport next) {
    this.next = next;
  }

  /** From now on connections are refused; open watches break. */
  public void cut() {
    cut = true;
    List<OpenWatch> broken = List.copyOf(watches);
    watches.clear();
    broken.forEach(OpenWatch::breakOff);
  }

  /** From now on nothing is answered. */
  public void fallSilent() {
    silent = true;
  }

  /** All is well again; what was lost stays lost. */
  public void mend() {
    cut = false;
    silent = false;
  }

  /** Writes that went through, in order, without those of Leases. */
  public List<KubeRequest> writes() {
    return sent.stream()
        .filter(request -> !request.method().equals("GET"))
        .filter(request -> !request.info().resource().equals("leases"))
        .toList();
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    if (cut) {
      return CompletableFuture.failedFuture(refused());
    }
    if (silent) {
      return new CompletableFuture<>();
    }
    sent.add(request);
    return next.exchange(request);
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    if (cut) {
      listener.onEnd(refused());
      return () -> {};
    }
    OpenWatch watch = new OpenWatch(listener);
    watches.add(watch);
    watch.opened = next.watch(request, watch);
    return watch;
  }

  private static KubeTransportException refused() {
    return new KubeTransportException(
        KubeTransportException.Effect.NONE, "connection refused by the test", null);
  }

  @Override
  public void close() {
    // The cluster's to close.
  }

  private final class OpenWatch implements KubeWatch, KubeWatch.Listener {
    private final KubeWatch.Listener listener;
    private @Nullable KubeWatch opened;
    private boolean over;

    OpenWatch(KubeWatch.Listener listener) {
      this.listener = listener;
    }

    void breakOff() {
      boolean first = !over;
      close();
      if (first) {
        listener.onEnd(refused());
      }
    }

    @Override
    public void close() {
      over = true;
      watches.remove(this);
      if (opened != null) {
        opened.close();
      }
    }

    @Override
    public void onEvent(byte[] event) {
      if (!over && !silent) {
        listener.onEvent(event);
      }
    }

    @Override
    public void onRejected(KubeResponse response) {
      if (!over) {
        listener.onRejected(response);
      }
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      if (!over) {
        listener.onEnd(cause);
      }
    }
  }
}
