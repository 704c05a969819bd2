package sh.kaito.testkit.internal.apiserver.storage;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One revision of one object. Immutable: the JSON tree is never changed once it is here, so it is
 * shared by lists, watches and the history.
 */
public final class StoredObject {
  private final String key;
  private final long revision;
  private final Map<String, Object> json;
  private volatile @Nullable Encoded encoded;

  private static final class Encoded {
    private final Object shape;
    private final byte[] bytes;

    Encoded(Object shape, byte[] bytes) {
      this.shape = shape;
      this.bytes = bytes;
    }

    @SuppressWarnings("ReferenceEquality") // a shape is a token
    boolean isOf(Object other) {
      return shape == other;
    }
  }

  StoredObject(String key, long revision, Map<String, Object> json) {
    this.key = key;
    this.revision = revision;
    this.json = json;
  }

  /** What a write that is only tried would leave behind; it has the version of its tree. */
  public static StoredObject unsaved(String key, Map<String, Object> json) {
    return new StoredObject(key, 0, json);
  }

  /** {@code namespace/name}, or {@code name} of cluster-scoped objects. */
  public String key() {
    return key;
  }

  /** The resource version as a number. */
  public long revision() {
    return revision;
  }

  /** The object in its storage version, {@code metadata.resourceVersion} included. */
  public Map<String, Object> json() {
    return json;
  }

  /**
   * Bytes that a reader keeps beside the object, so that one revision is encoded once however many
   * watches and reads ask for it. Null until somebody has set them.
   *
   * @param shape what the bytes depend on besides the object, compared by identity
   */
  public byte @Nullable [] encoded(Object shape) {
    Encoded present = encoded;
    return present != null && present.isOf(shape) ? present.bytes : null;
  }

  /** Keeps the encoded form. Two threads may do so at once: both have the same bytes. */
  public void encoded(Object shape, byte[] bytes) {
    this.encoded = new Encoded(shape, bytes);
  }

  /** {@code metadata.name}. */
  public String name() {
    return key.substring(key.indexOf('/') + 1);
  }

  /** {@code metadata.namespace}; empty when the object is cluster-scoped. */
  public String namespace() {
    int slash = key.indexOf('/');
    return slash < 0 ? "" : key.substring(0, slash);
  }

  /** {@code metadata}. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> metadata() {
    return json.get("metadata") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  /** {@code metadata.uid}. */
  public String uid() {
    return metadata().get("uid") instanceof String uid ? uid : "";
  }

  /** Whether {@code metadata.deletionTimestamp} is set. */
  public boolean deleting() {
    return metadata().get("deletionTimestamp") != null;
  }

  /** {@code metadata.finalizers}. */
  @SuppressWarnings("unchecked")
  public List<String> finalizers() {
    return metadata().get("finalizers") instanceof List<?> list ? (List<String>) list : List.of();
  }

  @Override
  public String toString() {
    return key + "@" + revision;
  }
}
