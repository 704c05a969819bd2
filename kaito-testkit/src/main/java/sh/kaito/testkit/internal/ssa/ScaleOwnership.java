package sh.kaito.testkit.internal.ssa;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.BuiltInSchema;

/**
 * Ownership of {@code spec.replicas} when it is written through the scale subresource: the entries
 * of the scaled object as entries of a Scale, and back. Pure functions.
 */
public final class ScaleOwnership {
  private static final String API_VERSION = "autoscaling/v1";
  private static final List<PathElement> REPLICAS =
      List.of(PathElement.field("spec"), PathElement.field("replicas"));

  /** The holder idiom: a constant that is made when first asked for. */
  private static final class Holder {
    static final BuiltInSchema SCHEMA = schema();
    static final ManagedFields FIELDS =
        ManagedFields.of(
            new ManagedFields.Target(API_VERSION, "Scale", "scale", FieldSet.of()),
            SCHEMA.empty(),
            version -> version.equals(API_VERSION) ? SCHEMA.applyType() : null);

    private static BuiltInSchema schema() {
      BuiltInSchema schema = BuiltInSchema.of("autoscaling", "v1", "Scale");
      if (schema == null) {
        throw new IllegalStateException("the server has a Scale");
      }
      return schema;
    }
  }

  private final String apiVersion;
  private final Function<String, @Nullable List<PathElement>> paths;

  private ScaleOwnership(String apiVersion, Function<String, @Nullable List<PathElement>> paths) {
    this.apiVersion = apiVersion;
    this.paths = paths;
  }

  /**
   * The mapping of one resource.
   *
   * @param apiVersion version of the request
   * @param paths where an object of a version has its replicas, as field names; null for a version
   *     that does not exist, empty for one without scale
   */
  public static ScaleOwnership of(
      String apiVersion, Function<String, @Nullable List<String>> paths) {
    return new ScaleOwnership(
        apiVersion,
        version -> {
          List<String> path = paths.apply(version);
          return path == null ? null : path.stream().map(PathElement::field).toList();
        });
  }

  /** The type of a Scale. */
  public static BuiltInSchema schema() {
    return Holder.SCHEMA;
  }

  /** The Scale's managed fields after a PUT or patch. */
  public static Map<String, @Nullable Object> update(
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> updated,
      String manager,
      Instant now) {
    return Holder.FIELDS.update(live, updated, manager, now);
  }

  /** The Scale after server-side apply. */
  public static Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      String manager,
      boolean force,
      Instant now) {
    return Holder.FIELDS.apply(live, applied, manager, force, now);
  }

  /** Entries of the scaled object that own its replicas, as the Scale shows them. */
  public @Nullable List<@Nullable Object> toScale(@Nullable List<@Nullable Object> parent) {
    Managed from = decode(parent);
    Managed to = new Managed();
    from.owners()
        .forEach(
            (manager, owned) -> {
              List<PathElement> path = paths.apply(owned.apiVersion());
              if (path != null && owned.set().has(path)) {
                to.put(manager, set(REPLICAS), API_VERSION, owned.applied(), from.time(manager));
              }
            });
    return to.encode();
  }

  /** Entries of the scaled object after its Scale was written. */
  public @Nullable List<@Nullable Object> toParent(
      @Nullable List<@Nullable Object> parent, @Nullable List<@Nullable Object> scale) {
    Managed before = decode(parent);
    Map<Manager, Managed.Owned> ofScale = new TreeMap<>(decode(scale).owners());
    Managed after = new Managed();
    before
        .owners()
        .forEach(
            (manager, owned) -> {
              List<PathElement> path = paths.apply(owned.apiVersion());
              if (path == null) {
                return;
              }
              FieldSet set = owned.set();
              boolean keeps = path.isEmpty() || !set.has(path) || ofScale.remove(manager) != null;
              FieldSet rest = keeps ? set : set.difference(set(path));
              if (!rest.isEmpty()) {
                after.put(manager, rest, owned.apiVersion(), owned.applied(), before.time(manager));
              }
            });
    List<PathElement> own = paths.apply(apiVersion);
    ofScale.forEach(
        (manager, owned) -> {
          if (own != null && owned.set().has(REPLICAS)) {
            // Writers that are new here come without a time, as in the real server.
            after.put(manager, set(own), apiVersion, owned.applied(), before.time(manager));
          }
        });
    return after.encode();
  }

  private static FieldSet set(List<PathElement> path) {
    FieldSet set = new FieldSet();
    set.insert(path);
    return set;
  }

  private static Managed decode(@Nullable List<@Nullable Object> entries) {
    try {
      return Managed.decode(entries);
    } catch (Managed.MalformedException e) {
      throw sh.kaito.testkit.internal.schema.Refusal.plain(
          "failed to decode managed fields: " + e.getMessage());
    }
  }

  /** The managed fields of an object. */
  public static @Nullable List<@Nullable Object> entries(Map<String, @Nullable Object> object) {
    return Json.list(object, "metadata", "managedFields");
  }
}
