package sh.kaito.core.internal.kube;

import sh.kaito.api.kube.KubeRequest;

/**
 * Which objects a list or watch covers, and how much of them. Immutable; start from {@link #all()}
 * or {@link #in(String)}.
 */
public final class ListOptions {
  private final String namespace;
  private final String labelSelector;
  private final String fieldSelector;
  private final int limit;
  private final boolean metadataOnly;

  private ListOptions(
      String namespace,
      String labelSelector,
      String fieldSelector,
      int limit,
      boolean metadataOnly) {
    this.namespace = namespace;
    this.labelSelector = labelSelector;
    this.fieldSelector = fieldSelector;
    this.limit = limit;
    this.metadataOnly = metadataOnly;
  }

  /** All objects of a resource, in all namespaces where it has any; pages of 500. */
  public static ListOptions all() {
    return new ListOptions("", "", "", 500, false);
  }

  /** The objects of one namespace. */
  public static ListOptions in(String namespace) {
    return new ListOptions(namespace, "", "", 500, false);
  }

  /** Only objects with such labels: {@code app=x,tier in (a,b)}. */
  public ListOptions labelSelector(String value) {
    return new ListOptions(namespace, value, fieldSelector, limit, metadataOnly);
  }

  /** Only objects with such fields: {@code metadata.name=x}. */
  public ListOptions fieldSelector(String value) {
    return new ListOptions(namespace, labelSelector, value, limit, metadataOnly);
  }

  /** Objects per page; client-go pages by 500. */
  public ListOptions limit(int value) {
    return new ListOptions(namespace, labelSelector, fieldSelector, value, metadataOnly);
  }

  /** Metadata without spec, status or data: the way to see Secrets without reading them. */
  public ListOptions metadataOnly() {
    return new ListOptions(namespace, labelSelector, fieldSelector, limit, true);
  }

  /** Empty: all namespaces, or a cluster-scoped resource. */
  public String namespace() {
    return namespace;
  }

  KubeRequest listRequest(ResourceType type, String continueToken) {
    KubeRequest.Builder request = select(type);
    request.setQuery("limit", Integer.toString(limit));
    if (!continueToken.isEmpty()) {
      request.setQuery("continue", continueToken);
    }
    return request
        .header("Accept", metadataOnly ? KubeClient.METADATA_LIST : KubeClient.JSON)
        .build();
  }

  KubeRequest watchRequest(ResourceType type, String resourceVersion, long timeoutSeconds) {
    return select(type)
        .setQuery("watch", "true")
        .setQuery("resourceVersion", resourceVersion)
        .setQuery("allowWatchBookmarks", "true")
        .setQuery("timeoutSeconds", Long.toString(timeoutSeconds))
        .header("Accept", metadataOnly ? KubeClient.METADATA : KubeClient.JSON)
        .build();
  }

  private KubeRequest.Builder select(ResourceType type) {
    KubeRequest.Builder request = KubeRequest.get(type.path(namespace));
    if (!labelSelector.isEmpty()) {
      request.setQuery("labelSelector", labelSelector);
    }
    if (!fieldSelector.isEmpty()) {
      request.setQuery("fieldSelector", fieldSelector);
    }
    return request;
  }

  /** What is selected, for messages. */
  @Override
  public String toString() {
    return (namespace.isEmpty() ? "" : " in " + namespace)
        + (labelSelector.isEmpty() ? "" : " with labels " + labelSelector)
        + (fieldSelector.isEmpty() ? "" : " with fields " + fieldSelector);
  }
}
