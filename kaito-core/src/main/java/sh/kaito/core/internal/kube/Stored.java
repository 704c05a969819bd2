package sh.kaito.core.internal.kube;

/**
 * One object in a cache.
 *
 * @param value what it was decoded to
 */
public record Stored<T>(ObjectKey key, String uid, String resourceVersion, T value) {}
