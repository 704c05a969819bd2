package sh.kaito.core.internal.kube;

import sh.kaito.api.kube.KubeRequest;

/**
 * How a write is made. Immutable; start from {@link #defaults()}.
 *
 * <p>Unless {@link #wantObject()} is asked for, the server answers with the object's metadata alone
 * ({@code PartialObjectMetadata}): uid, resourceVersion and generation are all that a writer needs.
 */
public final class WriteOptions {
  private static final WriteOptions DEFAULTS = new WriteOptions("", false, false, false);

  private final String subresource;
  private final boolean wantObject;
  private final boolean force;
  private final boolean dryRun;

  private WriteOptions(String subresource, boolean wantObject, boolean force, boolean dryRun) {
    this.subresource = subresource;
    this.wantObject = wantObject;
    this.force = force;
    this.dryRun = dryRun;
  }

  /** The object itself, metadata in the answer, no force. */
  public static WriteOptions defaults() {
    return DEFAULTS;
  }

  /** Writes the {@code status} subresource. */
  public WriteOptions status() {
    return subresource("status");
  }

  /** Writes that subresource, such as {@code scale} or {@code binding}. */
  public WriteOptions subresource(String name) {
    return new WriteOptions(name, wantObject, force, dryRun);
  }

  /** The server answers with the whole object. */
  public WriteOptions wantObject() {
    return new WriteOptions(subresource, true, force, dryRun);
  }

  /** Server-side apply takes fields over from other managers. Without effect on other writes. */
  public WriteOptions force() {
    return new WriteOptions(subresource, wantObject, true, dryRun);
  }

  /** The server goes through all checks and stores nothing. */
  public WriteOptions dryRun() {
    return new WriteOptions(subresource, wantObject, force, true);
  }

  String pathOf(String objectPath) {
    return subresource.isEmpty() ? objectPath : objectPath + "/" + subresource;
  }

  boolean isForce() {
    return force;
  }

  void addTo(KubeRequest.Builder request, String fieldManager) {
    request.setQuery("fieldManager", fieldManager);
    if (dryRun) {
      request.setQuery("dryRun", "All");
    }
    request.header("Accept", wantObject ? KubeClient.JSON : KubeClient.METADATA);
  }
}
