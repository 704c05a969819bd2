package sh.kaito.core.internal.kube;

import org.jspecify.annotations.Nullable;

/**
 * What became of one object. An object that was deleted and created anew under its name is two
 * changes, even where only the end of it was seen.
 *
 * @param before null where it is new
 * @param after null where it is gone
 */
public record Change<T>(ObjectKey key, @Nullable Stored<T> before, @Nullable Stored<T> after) {

  /** Whether the object is gone. */
  public boolean isDeletion() {
    return after == null;
  }

  /** Whether the object is new. */
  public boolean isCreation() {
    return before == null;
  }
}
