package sh.kaito.testkit.exploration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;

/**
 * Makes of each 409 to a write of a Workspace's metadata the answer that would have been hoped for.
 */
final class IgnoredConflicts implements KubeTransport {
  private final KubeTransport transport;

  IgnoredConflicts(KubeTransport transport) {
    this.transport = transport;
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    CompletionStage<KubeResponse> answer = transport.exchange(request);
    boolean ofMetadata =
        request.method().equals("PATCH")
            && request.path().contains("/workspaces/")
            && !request.path().endsWith("/status");
    return ofMetadata ? answer.thenCompose(found -> hopeful(request, found)) : answer;
  }

  private CompletionStage<KubeResponse> hopeful(KubeRequest request, KubeResponse answer) {
    if (answer.status() != 409) {
      return CompletableFuture.completedFuture(answer);
    }
    return transport
        .exchange(KubeRequest.get(request.path()).build())
        .thenApply(live -> merged(live, Json.tree(request.body())));
  }

  private static KubeResponse merged(KubeResponse live, JsonNode patch) {
    ObjectNode object = (ObjectNode) Json.tree(live.body());
    ObjectNode metadata = (ObjectNode) object.get("metadata");
    patch
        .path("metadata")
        .properties()
        .forEach(field -> metadata.set(field.getKey(), field.getValue()));
    return KubeResponse.of(200, live.headers(), Json.bytes(object));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    return transport.watch(request, listener);
  }

  @Override
  public void close() {
    transport.close();
  }
}
