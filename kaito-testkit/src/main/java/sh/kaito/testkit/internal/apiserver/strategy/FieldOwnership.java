package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** Who owns which field: {@code metadata.managedFields} and server-side apply. */
public interface FieldOwnership {

  /**
   * Sets the managed fields after a create, update or patch.
   *
   * @param live what stood before; null on creation
   * @param next what shall stand; may be changed
   * @param subresource empty for the object itself
   * @return {@code next} with its managed fields
   */
  Map<String, Object> update(
      ResourceType type,
      String subresource,
      @Nullable Map<String, Object> live,
      Map<String, Object> next,
      String manager,
      Instant now);

  /**
   * Merges an applied configuration.
   *
   * @param live what stood before; null when the apply creates
   * @throws sh.kaito.testkit.internal.apiserver.ApiFailure 409 when another manager owns a field
   */
  Map<String, Object> apply(
      ResourceType type,
      String subresource,
      @Nullable Map<String, Object> live,
      Map<String, Object> applied,
      String manager,
      boolean force,
      Instant now);
}
