package sh.kaito.testkit.internal.registry;

import io.kubernetes.client.openapi.ApiClient;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.testkit.PodHandler;

/** The way to a registry. */
@FunctionalInterface
public interface RegistryConnection extends AutoCloseable {
  /** Sends one request; the stage fails when there is no answer. */
  CompletionStage<KubeResponse> exchange(KubeRequest request);

  /** Nothing to close where nothing is open. */
  @Override
  default void close() {}

  /** Over a socket; its threads end with {@link #close()}. */
  static RegistryConnection http(URI url) {
    String base = url.toString();
    HttpKubeTransport transport =
        HttpKubeTransport.of(new ApiClient().setBasePath(base.substring(0, base.length() - 1)));
    return new RegistryConnection() {
      @Override
      public CompletionStage<KubeResponse> exchange(KubeRequest request) {
        return transport.exchange(request);
      }

      @Override
      public void close() {
        transport.close();
      }
    };
  }

  /** Calls a handler, without a socket. */
  static RegistryConnection inProcess(PodHandler handler) {
    return request -> CompletableFuture.completedFuture(handler.handle(request));
  }
}
