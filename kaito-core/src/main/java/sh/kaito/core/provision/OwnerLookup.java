package sh.kaito.core.provision;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * Tells whether the owner of nodes still exists, by a live read. Whoever cannot tell must fail:
 * what is said to be gone loses its nodes.
 */
@FunctionalInterface
public interface OwnerLookup {

  /** What a read has shown. */
  enum Owner {
    /** It exists, under the UID of the key. */
    EXISTS,
    /** There is none of that name, or the name has another UID by now. */
    GONE
  }

  /**
   * Reads the owner.
   *
   * @return completes exceptionally when the read does not tell: no answer, no rights, an API that
   *     is not served
   */
  CompletionStage<Owner> find(NodeSetKey key);

  /**
   * Owners that are Workspaces, read as metadata. A 404 counts only when the API server says that
   * this one object is missing; where the whole API is missing the lookup fails.
   */
  static OwnerLookup workspaces(KubeTransport transport) {
    KubeClient client = KubeClient.of(transport, KaitoApi.FIELD_MANAGER);
    return key ->
        find(
            client,
            key,
            List.of(ResourceType.WORKSPACES_V1BETA1, ResourceType.WORKSPACES_V1ALPHA1));
  }

  private static CompletionStage<Owner> find(
      KubeClient client, NodeSetKey key, List<ResourceType> versions) {
    ResourceType type = versions.get(0);
    return client
        .getMetadata(type, ObjectKey.of(key.namespace(), key.name()))
        .thenCompose(
            live -> {
              if (live.isSuccess() && !live.uid().isEmpty()) {
                return CompletableFuture.completedFuture(
                    live.uid().equals(key.ownerUid()) ? Owner.EXISTS : Owner.GONE);
              }
              if (live.isNotFound() && ApiFailures.namesObject(live)) {
                return CompletableFuture.completedFuture(Owner.GONE);
              }
              return live.isNotFound() && versions.size() > 1
                  ? find(client, key, versions.subList(1, versions.size()))
                  : unknown(type, key, live);
            });
  }

  private static CompletionStage<Owner> unknown(
      ResourceType type, NodeSetKey key, KubeResult live) {
    return CompletableFuture.failedFuture(
        new IllegalStateException(
            "whether " + type + " " + key.owner() + " exists cannot be told: " + live));
  }
}
