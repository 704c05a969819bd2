package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state behind a {@link Reflector}: decoded objects, and the rules by which lists and events
 * change them. Written by one strand; {@link #snapshot()} is for all threads. Each change is handed
 * on after the snapshot shows it.
 */
final class Cache<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

  /** Deletions of one watch that are remembered, so that a late event cannot revive an object. */
  private static final int MOST_TOMBSTONES = 1024;

  private final ResourceType type;
  private final Decoder<T> decoder;
  private final Consumer<Change<T>> changes;
  private final Map<ObjectKey, String> tombstones =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectKey, String> eldest) {
          return size() > MOST_TOMBSTONES;
        }
      };
  private volatile Snapshot<T> snapshot;
  private final AtomicLong decodeFailures = new AtomicLong();

  Cache(
      ResourceType type, Decoder<T> decoder, List<Index<T>> indexes, Consumer<Change<T>> changes) {
    this.type = type;
    this.decoder = decoder;
    this.changes = changes;
    this.snapshot = Snapshot.empty(indexes);
  }

  Snapshot<T> snapshot() {
    return snapshot;
  }

  /** How many versions of objects could not be decoded so far. */
  long decodeFailures() {
    return decodeFailures.get();
  }

  /** A watch begins after this cache's resourceVersion; what is older can be told from now on. */
  void beginWatch() {
    tombstones.clear();
  }

  /** Follows the server to a resourceVersion without a change; never back. */
  void advance(String version) {
    snapshot = advanced(snapshot, version);
  }

  private static <T> Snapshot<T> advanced(Snapshot<T> snapshot, String version) {
    return version.isEmpty()
            || version.equals(snapshot.resourceVersion())
            || ResourceVersions.isOlder(version, snapshot.resourceVersion())
        ? snapshot
        : snapshot.withResourceVersion(version);
  }

  /** An ADDED or MODIFIED event. Repeated and outdated ones change nothing. */
  void put(JsonNode object) {
    ObjectKey key = ObjectKey.of(object);
    String version = KubeJson.resourceVersion(object);
    Stored<T> before = snapshot.stored(key);
    boolean outdated =
        before == null
            ? ResourceVersions.isAtLeast(tombstones.getOrDefault(key, ""), version)
            : before.resourceVersion().equals(version)
                || ResourceVersions.isOlder(version, before.resourceVersion());
    if (!outdated) {
      decodeAndStore(key, KubeJson.uid(object), version, object);
    }
    advance(version);
  }

  /** A DELETED event: the object is gone, or has left the selector. */
  void remove(JsonNode object) {
    ObjectKey key = ObjectKey.of(object);
    String version = KubeJson.resourceVersion(object);
    Stored<T> before = snapshot.stored(key);
    if (before == null || !ResourceVersions.isOlder(version, before.resourceVersion())) {
      tombstones.put(key, version);
      snapshot = snapshot.withUndecodable(key, null);
      drop(key, version);
    }
    advance(version);
  }

  /** Begins to read a whole list. */
  Replacement beginReplacement() {
    return new Replacement();
  }

  private void decodeAndStore(ObjectKey key, String uid, String version, JsonNode object) {
    T value;
    try {
      value = decoder.decode(object);
    } catch (RuntimeException e) {
      skip(key, uid, version, e);
      return;
    }
    store(key, uid, version, value, version);
  }

  /**
   * Object and progress become visible in one step, so that a reader who finds the version reached
   * finds the object too.
   *
   * @param reached empty inside a list, whose version holds only when all of it is in
   */
  private void store(ObjectKey key, String uid, String version, @Nullable T value, String reached) {
    snapshot = snapshot.withUndecodable(key, null);
    if (value == null) {
      drop(key, reached);
      return;
    }
    Stored<T> before = snapshot.stored(key);
    if (before != null && !before.uid().equals(uid)) {
      drop(key, "");
      before = null;
    }
    Stored<T> after = new Stored<>(key, uid, version, value);
    snapshot = advanced(snapshot.with(key, after), reached);
    changes.accept(new Change<>(key, before, after));
  }

  private void drop(ObjectKey key, String reached) {
    Stored<T> before = snapshot.stored(key);
    if (before != null) {
      snapshot = advanced(snapshot.with(key, null), reached);
      changes.accept(new Change<>(key, before, null));
    }
  }

  /** Keeps what was known of the object: to forget it would look like a deletion. */
  private void skip(ObjectKey key, String uid, String version, RuntimeException failure) {
    String seen = uid + "/" + version;
    if (!seen.equals(snapshot.undecodableVersion(key))) {
      decodeFailures.incrementAndGet();
      snapshot = snapshot.withUndecodable(key, seen);
      LOG.warn(
          "Skipped {} {} (uid {}, resourceVersion {}): {}",
          type.kind(),
          key,
          uid,
          version,
          failure.toString());
    }
    Stored<T> before = snapshot.stored(key);
    if (before != null && !before.uid().equals(uid)) {
      drop(key, "");
    }
  }

  /** A list as it comes in, page by page. Nothing is seen of it before {@link #commit}. */
  final class Replacement {
    private final Map<ObjectKey, Incoming<T>> incoming = new LinkedHashMap<>();

    /** One item of the list. */
    void add(JsonNode object) {
      ObjectKey key = ObjectKey.of(object);
      String uid = KubeJson.uid(object);
      String version = KubeJson.resourceVersion(object);
      Stored<T> before = snapshot.stored(key);
      if (before != null && before.uid().equals(uid) && before.resourceVersion().equals(version)) {
        incoming.put(key, new Incoming<>(uid, version, before.value(), null));
        return;
      }
      try {
        incoming.put(key, new Incoming<>(uid, version, decoder.decode(object), null));
      } catch (RuntimeException e) {
        incoming.put(key, new Incoming<>(uid, version, null, e));
      }
    }

    /** The list is complete: what it does not name is gone. Deletions come first. */
    void commit(String version) {
      for (Stored<T> stored : snapshot.entries()) {
        if (!incoming.containsKey(stored.key())) {
          drop(stored.key(), "");
        }
      }
      for (ObjectKey key : snapshot.undecodable()) {
        if (!incoming.containsKey(key)) {
          snapshot = snapshot.withUndecodable(key, null);
        }
      }
      incoming.forEach(this::accept);
      tombstones.clear();
      snapshot = snapshot.withResourceVersion(version).asSynced();
    }

    private void accept(ObjectKey key, Incoming<T> item) {
      if (item.failure != null) {
        skip(key, item.uid, item.version, item.failure);
        return;
      }
      Stored<T> before = snapshot.stored(key);
      boolean unchanged =
          before != null
              && before.uid().equals(item.uid)
              && before.resourceVersion().equals(item.version);
      if (!unchanged) {
        store(key, item.uid, item.version, item.value, "");
      }
    }
  }

  private record Incoming<T>(
      String uid, String version, @Nullable T value, @Nullable RuntimeException failure) {}
}
