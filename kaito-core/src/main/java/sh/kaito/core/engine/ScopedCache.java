package sh.kaito.core.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Decoder;
import sh.kaito.core.internal.kube.Index;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ReflectorBuilder;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;

/**
 * The cache of one namespaced resource within a {@link Scope}: one reflector for the whole cluster,
 * or one per namespace, because whoever may see two namespaces may not list all.
 */
final class ScopedCache<T> {
  private final Map<String, Reflector<T>> byNamespace = new LinkedHashMap<>();

  private ScopedCache() {}

  /**
   * Builds it, not started.
   *
   * @param select narrows what is listed in each namespace
   * @param settings indexes and listeners of each reflector
   */
  static <T> ScopedCache<T> of(
      KubeTransport transport,
      Scheduler scheduler,
      Scope scope,
      ResourceType type,
      Decoder<T> decoder,
      UnaryOperator<ListOptions> select,
      Consumer<ReflectorBuilder<T>> settings) {
    ScopedCache<T> cache = new ScopedCache<>();
    for (String namespace : scope.watched()) {
      ListOptions objects =
          select.apply(namespace.isEmpty() ? ListOptions.all() : ListOptions.in(namespace));
      ReflectorBuilder<T> builder =
          Reflector.builder(transport, scheduler, type, decoder).select(objects);
      settings.accept(builder);
      cache.byNamespace.put(namespace, builder.build());
    }
    return cache;
  }

  /**
   * Starts all of it.
   *
   * @param synced called each time that one part has read its first complete list
   */
  void start(Runnable synced) {
    for (Reflector<T> reflector : byNamespace.values()) {
      var unused = reflector.synced().thenRun(synced);
      reflector.start();
    }
  }

  void stop() {
    byNamespace.values().forEach(Reflector::stop);
  }

  boolean isSynced() {
    return byNamespace.values().stream().allMatch(part -> part.snapshot().isSynced());
  }

  private @Nullable Reflector<T> part(String namespace) {
    Reflector<T> all = byNamespace.get("");
    return all != null ? all : byNamespace.get(namespace);
  }

  Optional<T> get(ObjectKey key) {
    Reflector<T> part = part(key.namespace());
    return part == null ? Optional.empty() : part.snapshot().get(key);
  }

  /** What the index finds in one namespace. */
  List<T> find(Index<T> index, String namespace, String value) {
    Reflector<T> part = part(namespace);
    if (part == null) {
      return List.of();
    }
    List<T> found = new ArrayList<>();
    for (Stored<T> stored : part.snapshot().find(index, value)) {
      if (stored.key().namespace().equals(namespace)) {
        found.add(stored.value());
      }
    }
    return found;
  }

  /** What the index finds in all of it. */
  List<T> find(Index<T> index, String value) {
    return byNamespace.values().stream()
        .flatMap(part -> part.snapshot().find(index, value).stream())
        .map(Stored::value)
        .toList();
  }

  Stream<T> all() {
    return byNamespace.values().stream()
        .flatMap(part -> part.snapshot().entries().stream())
        .map(Stored::value);
  }

  /** Whether the cache of that namespace has reached a resourceVersion. */
  boolean includes(String namespace, String resourceVersion) {
    Reflector<T> part = part(namespace);
    return part == null || part.snapshot().includes(resourceVersion);
  }

  /** What keeps it from being complete, or from following the server; empty while all is well. */
  Optional<String> problem() {
    return byNamespace.values().stream()
        .filter(part -> !part.snapshot().isSynced() || !part.health().isHealthy())
        .map(
            part ->
                part
                    + ": "
                    + (part.health().lastError().isEmpty()
                        ? "the first list is not in yet"
                        : part.health().lastError()))
        .findFirst();
  }
}
