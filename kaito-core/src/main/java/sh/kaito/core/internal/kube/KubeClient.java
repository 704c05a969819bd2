package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.PatchType;
import sh.kaito.core.internal.kube.KubeJson.MalformedJsonException;

/**
 * Reads and writes of single objects and lists over a {@link KubeTransport}.
 *
 * <p>Every HTTP status is a {@link KubeResult}; a stage completes exceptionally only with {@link
 * KubeTransportException}, when there was no answer. Nothing is retried and nothing blocks; stages
 * complete on the transport's threads. Thread-safe.
 */
public final class KubeClient {
  static final String JSON = "application/json";
  static final String METADATA =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
  static final String METADATA_LIST =
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

  /** How often a list begins again whose continue token expired half-way. */
  private static final int LIST_RESTARTS = 3;

  private final KubeTransport transport;
  private final String fieldManager;

  private KubeClient(KubeTransport transport, String fieldManager) {
    this.transport = transport;
    this.fieldManager = fieldManager;
  }

  /**
   * A client.
   *
   * @param transport stays the caller's to close
   * @param fieldManager names the writer in {@code managedFields}
   */
  public static KubeClient of(KubeTransport transport, String fieldManager) {
    return new KubeClient(transport, fieldManager);
  }

  /** The transport it was made with. */
  public KubeTransport transport() {
    return transport;
  }

  /** One object, live. */
  public CompletionStage<KubeResult> get(ResourceType type, ObjectKey key) {
    return send(KubeRequest.get(type.path(key)).header("Accept", JSON).build());
  }

  /** The metadata of one object, live. */
  public CompletionStage<KubeResult> getMetadata(ResourceType type, ObjectKey key) {
    return send(KubeRequest.get(type.path(key)).header("Accept", METADATA).build());
  }

  /**
   * One page, live (a quorum read: no resourceVersion is sent).
   *
   * @param continueToken {@code metadata.continue} of the page before; empty for the first
   */
  public CompletionStage<KubeResult> listPage(
      ResourceType type, ListOptions options, String continueToken) {
    return send(options.listRequest(type, continueToken));
  }

  /** As {@link #listPage}, without {@code metadata.managedFields}. */
  CompletionStage<KubeResult> listPruned(
      ResourceType type, ListOptions options, String continueToken) {
    return send(options.listRequest(type, continueToken), true);
  }

  /**
   * All pages, live, as one list: on success {@code items} holds the objects of all of them, all of
   * one resourceVersion. A continue token that expires half-way begins the list again, three times
   * at most; then the 410 is the result.
   */
  public CompletionStage<KubeResult> list(ResourceType type, ListOptions options) {
    return Stages.unwrapped(pages(type, options, "", KubeJson.array(), LIST_RESTARTS));
  }

  private CompletionStage<KubeResult> pages(
      ResourceType type, ListOptions options, String token, ArrayNode items, int restarts) {
    return listPage(type, options, token)
        .thenCompose(
            page -> {
              if (page.isExpired() && !token.isEmpty() && restarts > 0) {
                return pages(type, options, "", KubeJson.array(), restarts - 1);
              }
              if (!page.isSuccess()) {
                return CompletableFuture.completedFuture(page);
              }
              page.body().path("items").forEach(items::add);
              String next = page.body().path("metadata").path("continue").asText("");
              if (!next.isEmpty()) {
                return pages(type, options, next, items, restarts);
              }
              ObjectNode whole = KubeJson.object();
              whole.set("kind", page.body().path("kind"));
              whole.set("apiVersion", page.body().path("apiVersion"));
              whole.set("metadata", page.body().path("metadata"));
              whole.set("items", items);
              return CompletableFuture.completedFuture(page.withBody(whole));
            });
  }

  /**
   * Creates an object.
   *
   * @param namespace empty for cluster-scoped resources
   */
  public CompletionStage<KubeResult> create(
      ResourceType type, String namespace, JsonNode object, WriteOptions options) {
    if (type.namespaced() && namespace.isEmpty()) {
      throw new IllegalArgumentException("Creating a " + type.kind() + " needs a namespace");
    }
    return write(KubeRequest.post(type.path(namespace), KubeJson.write(object)), options);
  }

  /** Creates a subresource of an object, such as a pod's {@code binding} or {@code eviction}. */
  public CompletionStage<KubeResult> createSubresource(
      ResourceType type, ObjectKey key, JsonNode object, WriteOptions options) {
    return write(KubeRequest.post(options.pathOf(type.path(key)), KubeJson.write(object)), options);
  }

  /** Replaces an object; {@code metadata.resourceVersion} in it makes the update conditional. */
  public CompletionStage<KubeResult> update(
      ResourceType type, ObjectKey key, JsonNode object, WriteOptions options) {
    return write(KubeRequest.put(options.pathOf(type.path(key)), KubeJson.write(object)), options);
  }

  /** Patches an object; for {@link PatchType#APPLY} use {@link #apply}. */
  public CompletionStage<KubeResult> patch(
      ResourceType type, ObjectKey key, PatchType patchType, JsonNode patch, WriteOptions options) {
    KubeRequest.Builder request =
        KubeRequest.patch(options.pathOf(type.path(key)), patchType, KubeJson.write(patch));
    if (patchType == PatchType.APPLY && options.isForce()) {
      request.setQuery("force", "true");
    }
    return write(request, options);
  }

  /**
   * Server-side apply: the object states every field that this field manager owns. Fields that it
   * stated before and states no more are removed. Creates the object where it does not exist,
   * unless {@code metadata.uid} is stated: then the server refuses.
   */
  public CompletionStage<KubeResult> apply(
      ResourceType type, ObjectKey key, JsonNode object, WriteOptions options) {
    return patch(type, key, PatchType.APPLY, object, options);
  }

  /** Deletes an object, or asks for it where finalizers hold it. */
  public CompletionStage<KubeResult> delete(
      ResourceType type, ObjectKey key, DeleteOptions options) {
    return send(
        KubeRequest.delete(type.path(key))
            .body(JSON, KubeJson.write(options.toJson()))
            .header("Accept", JSON)
            .build());
  }

  private CompletionStage<KubeResult> write(KubeRequest.Builder request, WriteOptions options) {
    options.addTo(request, fieldManager);
    return send(request.build());
  }

  /** Sends any request, such as one to discovery. */
  public CompletionStage<KubeResult> send(KubeRequest request) {
    return send(request, false);
  }

  private CompletionStage<KubeResult> send(KubeRequest request, boolean pruned) {
    return Stages.unwrapped(
        transport.exchange(request).thenCompose(response -> read(request, response, pruned)));
  }

  private static CompletionStage<KubeResult> read(
      KubeRequest request, KubeResponse response, boolean pruned) {
    try {
      return CompletableFuture.completedFuture(KubeResult.of(response, pruned));
    } catch (MalformedJsonException e) {
      return CompletableFuture.failedFuture(
          new KubeTransportException(
              KubeTransportException.Effect.UNKNOWN,
              request.info() + ": HTTP " + response.status() + " with " + e.getMessage(),
              e));
    }
  }
}
