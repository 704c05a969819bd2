package sh.kaito.core.internal.kube;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a cache holds at one moment. Immutable: keep it for as long as one decision takes, and all
 * that is read from it belongs together.
 */
public final class Snapshot<T> {
  private final List<Index<T>> indexes;
  private final PersistentMap<ObjectKey, Stored<T>> objects;
  private final List<PersistentMap<String, PersistentMap<ObjectKey, Stored<T>>>> byIndex;
  private final PersistentMap<ObjectKey, String> undecodable;
  private final String resourceVersion;
  private final boolean synced;

  private Snapshot(
      List<Index<T>> indexes,
      PersistentMap<ObjectKey, Stored<T>> objects,
      List<PersistentMap<String, PersistentMap<ObjectKey, Stored<T>>>> byIndex,
      PersistentMap<ObjectKey, String> undecodable,
      String resourceVersion,
      boolean synced) {
    this.indexes = indexes;
    this.objects = objects;
    this.byIndex = byIndex;
    this.undecodable = undecodable;
    this.resourceVersion = resourceVersion;
    this.synced = synced;
  }

  static <T> Snapshot<T> empty(List<Index<T>> indexes) {
    return new Snapshot<>(
        List.copyOf(indexes),
        PersistentMap.empty(),
        Collections.nCopies(indexes.size(), PersistentMap.empty()),
        PersistentMap.empty(),
        "",
        false);
  }

  /** Whether a complete list has been read; until then absence means nothing. */
  public boolean isSynced() {
    return synced;
  }

  /** Up to where it follows the server; empty before the first complete list. */
  public String resourceVersion() {
    return resourceVersion;
  }

  /** Whether it includes the write that was answered with that resourceVersion. */
  public boolean includes(String writtenVersion) {
    return ResourceVersions.isAtLeast(resourceVersion, writtenVersion);
  }

  /** How many objects it holds. */
  public int size() {
    return objects.size();
  }

  /** One object. */
  public Optional<T> get(ObjectKey key) {
    return entry(key).map(Stored::value);
  }

  /** One object with its uid and resourceVersion. */
  public Optional<Stored<T>> entry(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  /** All objects, by namespace and name. O(n). */
  public List<Stored<T>> entries() {
    return list(objects);
  }

  /**
   * The objects that the index finds under a value, by namespace and name.
   *
   * @throws IllegalArgumentException when the cache was built without this index
   */
  public List<Stored<T>> find(Index<T> index, String value) {
    int position = indexes.indexOf(index);
    if (position < 0) {
      throw new IllegalArgumentException("This cache was built without " + index);
    }
    PersistentMap<ObjectKey, Stored<T>> found = byIndex.get(position).get(value);
    return found == null ? List.of() : list(found);
  }

  /**
   * Objects that exist and whose newest version could not be decoded. The cache holds their version
   * before, or nothing; who decides by absence must look here.
   */
  public List<ObjectKey> undecodable() {
    List<ObjectKey> keys = new ArrayList<>(undecodable.size());
    for (Map.Entry<ObjectKey, String> entry : undecodable) {
      keys.add(entry.getKey());
    }
    return keys;
  }

  @Nullable Stored<T> stored(ObjectKey key) {
    return objects.get(key);
  }

  /** Uid and resourceVersion of the newest version that could not be decoded. */
  @Nullable String undecodableVersion(ObjectKey key) {
    return undecodable.get(key);
  }

  int undecodableCount() {
    return undecodable.size();
  }

  Snapshot<T> withResourceVersion(String version) {
    return new Snapshot<>(indexes, objects, byIndex, undecodable, version, synced);
  }

  Snapshot<T> asSynced() {
    return new Snapshot<>(indexes, objects, byIndex, undecodable, resourceVersion, true);
  }

  Snapshot<T> withUndecodable(ObjectKey key, @Nullable String version) {
    if (version == null && undecodable.get(key) == null) {
      return this;
    }
    return new Snapshot<>(
        indexes,
        objects,
        byIndex,
        version == null ? undecodable.without(key) : undecodable.with(key, version),
        resourceVersion,
        synced);
  }

  /** With the object put, replaced, or removed where {@code after} is null. */
  Snapshot<T> with(ObjectKey key, @Nullable Stored<T> after) {
    Stored<T> before = objects.get(key);
    List<PersistentMap<String, PersistentMap<ObjectKey, Stored<T>>>> newIndexes =
        new ArrayList<>(byIndex.size());
    for (int i = 0; i < byIndex.size(); i++) {
      newIndexes.add(reindex(indexes.get(i), byIndex.get(i), key, before, after));
    }
    return new Snapshot<>(
        indexes,
        after == null ? objects.without(key) : objects.with(key, after),
        newIndexes,
        undecodable,
        resourceVersion,
        synced);
  }

  private static <T> PersistentMap<String, PersistentMap<ObjectKey, Stored<T>>> reindex(
      Index<T> index,
      PersistentMap<String, PersistentMap<ObjectKey, Stored<T>>> map,
      ObjectKey key,
      @Nullable Stored<T> before,
      @Nullable Stored<T> after) {
    PersistentMap<String, PersistentMap<ObjectKey, Stored<T>>> result = map;
    Collection<String> values = after == null ? List.of() : index.valuesOf(after.value());
    if (after != null) {
      for (String value : values) {
        PersistentMap<ObjectKey, Stored<T>> bucket = result.get(value);
        if (bucket == null) {
          bucket = PersistentMap.empty();
        }
        result = result.with(value, bucket.with(key, after));
      }
    }
    if (before != null) {
      for (String value : index.valuesOf(before.value())) {
        PersistentMap<ObjectKey, Stored<T>> bucket = result.get(value);
        if (bucket != null && !values.contains(value)) {
          PersistentMap<ObjectKey, Stored<T>> rest = bucket.without(key);
          result = rest.isEmpty() ? result.without(value) : result.with(value, rest);
        }
      }
    }
    return result;
  }

  private static <T> List<Stored<T>> list(PersistentMap<ObjectKey, Stored<T>> map) {
    List<Stored<T>> list = new ArrayList<>(map.size());
    for (Map.Entry<ObjectKey, Stored<T>> entry : map) {
      list.add(entry.getValue());
    }
    return Collections.unmodifiableList(list);
  }
}
