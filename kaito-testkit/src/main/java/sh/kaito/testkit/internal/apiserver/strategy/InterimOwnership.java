package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Keeps no record of owners: an apply merges. */
public final class InterimOwnership implements FieldOwnership {
  @Override
  public Map<String, Object> update(
      ResourceType type,
      String subresource,
      @Nullable Map<String, Object> live,
      Map<String, Object> next,
      String manager,
      Instant now) {
    return next;
  }

  @Override
  public Map<String, Object> apply(
      ResourceType type,
      String subresource,
      @Nullable Map<String, Object> live,
      Map<String, Object> applied,
      String manager,
      boolean force,
      Instant now) {
    return live == null ? applied : Objects.requireNonNull(Json.asObject(merge(live, applied)));
  }

  private static @Nullable Object merge(@Nullable Object target, @Nullable Object patch) {
    Map<String, Object> changes = Json.asObject(patch);
    Map<String, Object> base = Json.asObject(target);
    if (changes == null || base == null) {
      return patch;
    }
    Map<String, Object> result = new LinkedHashMap<>(base);
    changes.forEach((key, value) -> result.put(key, merge(result.get(key), value)));
    return result;
  }
}
