package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads of an object what decisions need, into a small immutable value. Lenient: unknown fields are
 * normal, since a server may be newer than this library.
 */
@FunctionalInterface
public interface Decoder<T> {

  /**
   * Decodes.
   *
   * @param object the whole object; items of a list carry no {@code kind} and {@code apiVersion},
   *     and {@code metadata.managedFields} are left out. Do not keep it, or parts of it: trees are
   *     large
   * @return null where the cache should not hold this object
   * @throws RuntimeException when it cannot be understood: it is then logged once and skipped
   */
  @Nullable T decode(JsonNode object);
}
