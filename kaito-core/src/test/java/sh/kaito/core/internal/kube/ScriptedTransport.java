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
final class ScriptedTransport implements KubeTransport {
  final List<KubeRequest> requests = new ArrayList<>();
  private final Function<KubeRequest, CompletionStage<KubeResponse>> script;

  ScriptedTransport(Function<KubeRequest, CompletionStage<KubeResponse>> script) {
    this.script = script;
  }

  /** Answers one after the other, whatever is asked. */
  static ScriptedTransport answering(KubeResponse... answers) {
    List<KubeResponse> left = new ArrayList<>(List.of(answers));
    return new ScriptedTransport(request -> CompletableFuture.completedFuture(left.remove(0)));
  }

  static KubeResponse json(int status, String body) {
    return KubeResponse.of(
        status,
        Map.of("Content-Type", List.of("application/json")),
        body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  KubeRequest last() {
    return requests.get(requests.size() - 1);
  }

  String lastBody() {
    return new String(last().body(), StandardCharsets.UTF_8);
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    requests.add(request);
    return script.apply(request);
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    throw new AssertionError("No watch is expected here: " + request);
  }

  @Override
  public void close() {}
}
