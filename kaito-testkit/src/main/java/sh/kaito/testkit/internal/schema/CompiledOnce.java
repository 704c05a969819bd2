package sh.kaito.testkit.internal.schema;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Remembers what a pure and slow function made of a schema. Checking and compiling the rules of the
 * Workspace's definition takes a tenth of a second, which is more than a whole story on virtual
 * time, and every test starts a server of its own with the same definitions. So instances are
 * static, which this project has nowhere else: what they hold is a function of its key and differs
 * from computing it anew by nothing but time. The least recently used entries go. Thread-safe.
 *
 * @param <K> immutable, with an {@code equals} by value
 * @param <V> immutable
 */
final class CompiledOnce<K, V> {
  private final Function<K, V> compiler;
  private final Map<K, CompletableFuture<V>> results;

  CompiledOnce(int capacity, Function<K, V> compiler) {
    this.compiler = compiler;
    this.results =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, CompletableFuture<V>> eldest) {
            return size() > capacity;
          }
        };
  }

  /** The result for a key; who asks while another computes it waits for that. */
  V of(K key) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> known;
    synchronized (results) {
      known = results.putIfAbsent(key, mine);
    }
    if (known != null) {
      return known.join();
    }
    try {
      V made = compiler.apply(key);
      mine.complete(made);
      return made;
    } catch (RuntimeException | Error e) {
      synchronized (results) {
        results.remove(key, mine);
      }
      mine.completeExceptionally(e);
      throw e;
    }
  }
}
