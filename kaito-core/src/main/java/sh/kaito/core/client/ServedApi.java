package sh.kaito.core.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * The version in which a cluster serves Workspaces: v1beta1 where there is one, else v1alpha1,
 * which is all that older CRDs know. Asked for once by discovery ({@code GET
 * /apis/kaito.sh/v1beta1}) and remembered; a failure or an absence is not remembered. Thread-safe.
 */
final class ServedApi {
  private final KubeClient client;
  private @Nullable CompletableFuture<Optional<ResourceType>> known;

  ServedApi(KubeClient client) {
    this.client = client;
  }

  /**
   * The served version; empty when the cluster does not serve Workspaces at all.
   *
   * @return fails with what the transport fails with, or with {@link WorkspaceException} for an
   *     answer that is neither yes nor no
   */
  CompletionStage<Optional<ResourceType>> lookup() {
    CompletableFuture<Optional<ResourceType>> asked;
    synchronized (this) {
      if (known != null) {
        return known;
      }
      asked = new CompletableFuture<>();
      known = asked;
    }
    var unused =
        newest()
            .whenComplete(
                (found, error) -> {
                  if (error != null || found.isEmpty()) {
                    forget(asked);
                  }
                  if (error != null) {
                    asked.completeExceptionally(error);
                  } else {
                    asked.complete(found);
                  }
                });
    return asked;
  }

  private CompletionStage<Optional<ResourceType>> newest() {
    return serves(ResourceType.WORKSPACES_V1BETA1)
        .thenCompose(
            served ->
                served
                    ? CompletableFuture.completedFuture(
                        Optional.of(ResourceType.WORKSPACES_V1BETA1))
                    : serves(ResourceType.WORKSPACES_V1ALPHA1)
                        .thenApply(
                            old ->
                                old
                                    ? Optional.of(ResourceType.WORKSPACES_V1ALPHA1)
                                    : Optional.empty()));
  }

  private CompletionStage<Boolean> serves(ResourceType type) {
    return client
        .send(KubeRequest.get("/apis/" + type.apiVersion()).build())
        .thenApply(
            result -> {
              if (result.isNotFound()) {
                return false;
              }
              if (!result.isSuccess()) {
                throw WorkspaceClient.refused("discovery of " + type.apiVersion(), result);
              }
              for (JsonNode resource : result.body().path("resources")) {
                if (resource.path("name").asText().equals(type.plural())) {
                  return true;
                }
              }
              return false;
            });
  }

  private synchronized void forget(CompletionStage<Optional<ResourceType>> asked) {
    if (known == asked) {
      known = null;
    }
  }

  private synchronized void forgetAll() {
    known = null;
  }

  /**
   * Sends a request in the served version. Where that version is gone meanwhile, discovery is asked
   * again and the request sent once more.
   *
   * @return never a 404 that means the resource type
   */
  CompletionStage<KubeResult> ask(Function<ResourceType, CompletionStage<KubeResult>> request) {
    return served()
        .thenCompose(
            type ->
                request
                    .apply(type)
                    .thenCompose(
                        result -> isTypeMissing(result) ? askAgain(type, request) : done(result)));
  }

  private CompletionStage<KubeResult> askAgain(
      ResourceType before, Function<ResourceType, CompletionStage<KubeResult>> request) {
    forgetAll();
    return served()
        .thenCompose(
            type ->
                type.equals(before)
                    ? CompletableFuture.failedFuture(
                        new WorkspaceException(
                            WorkspaceException.Kind.UNREACHABLE,
                            "the API server lists "
                                + type
                                + " in "
                                + type.apiVersion()
                                + ", but answers 404 for them; try again when the CRD is"
                                + " Established"))
                    : request.apply(type));
  }

  private static CompletionStage<KubeResult> done(KubeResult result) {
    return CompletableFuture.completedFuture(result);
  }

  /** The served version; fails when there is none. */
  private CompletionStage<ResourceType> served() {
    return lookup().thenApply(found -> found.orElseThrow(ServedApi::notServed));
  }

  /**
   * Why the resource type of a write is not there: not in that version, or not at all. Always
   * fails.
   */
  CompletionStage<KubeResult> explainMissing(ResourceType written) {
    forgetAll();
    return served()
        .thenCompose(
            type ->
                CompletableFuture.failedFuture(
                    new WorkspaceException(
                        WorkspaceException.Kind.INVALID,
                        "the workspace is written in "
                            + written.apiVersion()
                            + ", which this cluster does not serve; write it in "
                            + type.apiVersion()
                            + ", or install the CRDs of this library")));
  }

  /**
   * Whether a 404 speaks of the resource type and not of an object: then {@code
   * Status.details.name} is empty, or the answer is the plain {@code 404 page not found}.
   */
  static boolean isTypeMissing(KubeResult result) {
    return result.isNotFound() && result.body().path("details").path("name").asText("").isEmpty();
  }

  static WorkspaceException notServed() {
    return new WorkspaceException(
        WorkspaceException.Kind.UNREACHABLE,
        "the Workspace API (kaito.sh) is not served by this cluster; install the CRDs");
  }
}
