package sh.kaito.testkit.internal.apiserver.storage;

import org.jspecify.annotations.Nullable;

/**
 * One change of one object.
 *
 * @param type what happened
 * @param object the new content; of a deletion the last content, with the resource version of the
 *     deletion
 * @param previous what stood before; null for a creation
 */
public record StoreEvent(Type type, StoredObject object, @Nullable StoredObject previous) {

  /** What happened to the object. */
  public enum Type {
    ADDED,
    MODIFIED,
    DELETED
  }

  /** The resource version of the change. */
  public long revision() {
    return object.revision();
  }
}
