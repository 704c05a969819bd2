package sh.kaito.core.internal.kube;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;

/** Answers requests by a function, at once, and keeps them. */
public final class ScriptedTransport implements KubeTransport {
  public final List<KubeRequest> requests = new ArrayList<>();
  public final List<KubeWatch.Listener> listeners = new ArrayList<>();
  public boolean closed;
  private final Function<KubeRequest, CompletionStage<KubeResponse>> script;

  public ScriptedTransport(Function<KubeRequest, CompletionStage<KubeResponse>> script) {
    this.script = script;
  }

  /** Answers one after the other, whatever is asked. */
  public static ScriptedTransport answering(KubeResponse... answers) {
    List<KubeResponse> left = new ArrayList<>(List.of(answers));
    return new ScriptedTransport(request -> CompletableFuture.completedFuture(left.remove(0)));
  }

  public static KubeResponse json(int status, String body) {
    return KubeResponse.of(
        status,
        Map.of("Content-Type", List.of("application/json")),
        body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  public KubeRequest last() {
    return requests.get(requests.size() - 1);
  }

  public String lastBody() {
    return new String(last().body(), StandardCharsets.UTF_8);
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    requests.add(request);
    return script.apply(request);
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    requests.add(request);
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    closed = true;
  }
}
