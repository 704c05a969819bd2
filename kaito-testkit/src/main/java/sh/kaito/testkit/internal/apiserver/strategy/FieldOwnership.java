package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.ObjectSchema;
import sh.kaito.testkit.internal.ssa.FieldSet;
import sh.kaito.testkit.internal.ssa.ManagedFields;

/**
 * Who owns which field: {@code metadata.managedFields} and server-side apply, for the resources of
 * a registry. Thread-safe.
 */
public final class FieldOwnership {
  private record Prepared(ObjectSchema schema, ManagedFields fields) {}

  private final Registry registry;
  private final Schemas schemas;
  private final Strategies strategies;
  private final Map<String, Prepared> prepared = new ConcurrentHashMap<>();

  public FieldOwnership(Registry registry, Schemas schemas, Strategies strategies) {
    this.registry = registry;
    this.schemas = schemas;
    this.strategies = strategies;
  }

  private ManagedFields fields(ResourceType type, String subresource) {
    ObjectSchema schema = schemas.of(type);
    String key = type.apiVersion() + "/" + type.plural() + "/" + subresource;
    Prepared found = prepared.get(key);
    if (found == null || found.schema() != schema) {
      ManagedFields.Target target =
          new ManagedFields.Target(
              type.apiVersion(),
              type.kind(),
              subresource,
              FieldSet.of(strategies.of(type).resetFields(type, subresource)));
      found =
          new Prepared(
              schema,
              ManagedFields.of(target, schema.empty(), version -> applyType(type, version)));
      prepared.put(key, found);
    }
    return found.fields();
  }

  private @Nullable ApplyType applyType(ResourceType type, String apiVersion) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    ResourceType found = registry.find(group, apiVersion.substring(slash + 1), type.plural());
    return found == null ? null : schemas.of(found).applyType();
  }

  /**
   * Sets the managed fields after a create, update or patch.
   *
   * @param live what stood before; null on creation
   * @param next what shall stand, with its defaults
   * @param subresource empty for the object itself
   * @return {@code next} with its managed fields
   */
  public Map<String, Object> update(
      ResourceType type,
      String subresource,
      @Nullable Map<String, Object> live,
      Map<String, Object> next,
      String manager,
      Instant now) {
    return fields(type, subresource)
        .update(live == null ? null : in(type, live), in(type, next), manager, now);
  }

  /**
   * Merges an applied configuration.
   *
   * @param live what stood before; null when the apply creates
   * @throws sh.kaito.testkit.internal.schema.Refusal 409 when another manager owns a field
   */
  public Map<String, Object> apply(
      ResourceType type,
      String subresource,
      @Nullable Map<String, Object> live,
      Map<String, Object> applied,
      String manager,
      boolean force,
      Instant now) {
    return fields(type, subresource)
        .apply(live == null ? null : in(type, live), applied, manager, force, now);
  }

  /** With strategy None versions differ in their label only. */
  private static Map<String, Object> in(ResourceType type, Map<String, Object> object) {
    if (type.apiVersion().equals(object.get("apiVersion"))) {
      return object;
    }
    Map<String, Object> labelled = new LinkedHashMap<>(object);
    labelled.put("apiVersion", type.apiVersion());
    return labelled;
  }
}
