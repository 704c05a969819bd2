package sh.kaito.benchmarks.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.RequestInfo;

/**
 * Counts requests and answers, cheaply enough for a process whose CPU time is measured. Closing it
 * closes the transport. Thread-safe.
 */
final class RequestTally implements KubeTransport {
  private final KubeTransport next;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  RequestTally(KubeTransport next) {
    this.next = next;
  }

  /** Counts so far: {@code "sent <verb> <resource>"} and {@code "answer <status>"}. */
  Map<String, Long> counts() {
    Map<String, Long> copy = new TreeMap<>();
    counts.forEach((what, count) -> copy.put(what, count.sum()));
    return copy;
  }

  private void count(String what) {
    counts.computeIfAbsent(what, key -> new LongAdder()).increment();
  }

  private void sent(RequestInfo info) {
    count("sent " + info.verb() + " " + name(info));
  }

  private static String name(RequestInfo info) {
    String resource = info.isResourceRequest() ? info.resourceAndSubresource() : "discovery";
    return resource.isEmpty() ? "discovery" : resource;
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    sent(request.info());
    return next.exchange(request)
        .whenComplete(
            (response, failure) ->
                count("answer " + (response == null ? "none" : response.status())));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    sent(request.info());
    return next.watch(
        request,
        new KubeWatch.Listener() {
          @Override
          public void onEvent(byte[] event) {
            count("events");
            listener.onEvent(event);
          }

          @Override
          public void onRejected(KubeResponse response) {
            count("answer " + response.status());
            listener.onRejected(response);
          }

          @Override
          public void onEnd(@Nullable Throwable cause) {
            listener.onEnd(cause);
          }
        });
  }

  @Override
  public void close() {
    next.close();
  }
}
