package sh.kaito.testkit.internal.ssa;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.Refusal;

/**
 * Field ownership of one resource in one version, for the object itself or for one subresource.
 * Every method is a pure function of its arguments and leaves them alone. Safe from any thread.
 *
 * <pre>{@code
 * Target target = new Target("v1", "ConfigMap", "", FieldSet.of());
 * ManagedFields fields = ManagedFields.of(target, schema.empty(), version -> schema.applyType());
 * Map<String, Object> created = fields.update(null, object, "kubectl", now);
 * Map<String, Object> applied = fields.apply(live, patch, "kaito-java", false, now);
 * }</pre>
 */
public final class ManagedFields {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** All annotations of an object together may have this many bytes. */
  private static final int MAX_ANNOTATIONS = 256 * 1024;

  private static final FieldSet STRIPPED =
      FieldSet.of(
          "apiVersion",
          "kind",
          "metadata",
          "metadata.name",
          "metadata.namespace",
          "metadata.creationTimestamp",
          "metadata.selfLink",
          "metadata.uid",
          "metadata.clusterName",
          "metadata.generation",
          "metadata.managedFields",
          "metadata.resourceVersion");

  /**
   * What is written to.
   *
   * @param apiVersion group and version of the request, {@code apps/v1}
   * @param kind for example {@code Deployment}
   * @param subresource for example {@code status}; empty for the object itself
   * @param resetFields what the server discards of a write here, and nobody therefore owns
   */
  public record Target(String apiVersion, String kind, String subresource, FieldSet resetFields) {}

  private final Target target;
  private final ApplyType type;
  private final Map<String, @Nullable Object> empty;
  private final Updater updater;

  private ManagedFields(Target target, Updater.Types types, Map<String, @Nullable Object> empty) {
    this.target = target;
    this.empty = empty;
    this.type =
        Objects.requireNonNull(types.type(target.apiVersion), "no type in " + target.apiVersion);
    this.updater = new Updater(types, target.apiVersion, type, target.resetFields);
  }

  /**
   * @param empty what an object is before it has content: for built-in kinds the decoded {@code
   *     {}}, for custom resources apiVersion and kind
   * @param types the type by API version (same group); null for a version that does not exist
   */
  public static ManagedFields of(
      Target target,
      Map<String, @Nullable Object> empty,
      java.util.function.Function<String, @Nullable ApplyType> types) {
    return new ManagedFields(target, types::apply, empty);
  }

  /**
   * Applies an object.
   *
   * @param live the stored object in the target's version; null when there is none
   * @param applied the body of the request as it was sent
   * @param manager the field manager
   * @param force whether to take fields that others own
   * @return the merged object with its new managedFields, before defaulting; equal to {@code live}
   *     when nothing changes
   * @throws Refusal 400 for another kind or with managedFields in it, 409 for conflicts, 500 for
   *     what does not fit the schema
   */
  public Map<String, @Nullable Object> apply(
      @Nullable Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      String manager,
      boolean force,
      Instant now) {
    checkKind(applied);
    Map<String, @Nullable Object> before = live == null ? empty : live;
    Manager writer = Manager.applier(manager, target.subresource);
    Result result;
    try {
      try {
        result = applyOnce(before, applied, writer, force, now);
      } catch (ConflictException e) {
        FieldSet allowed = manager.equals("kubectl") ? lastAppliedFields(before) : null;
        if (allowed == null) {
          throw e;
        }
        if (!e.isWithin(allowed)) {
          throw e.without(allowed);
        }
        result = applyOnce(before, applied, writer, true, now);
      }
    } catch (ConflictException e) {
      throw e.refusal();
    }
    Map<String, @Nullable Object> object = result.object;
    if (manager.equals("kubectl")
        && !Json.text(object, "metadata", "annotations", LAST_APPLIED).isEmpty()) {
      object = withLastApplied(object, applied);
    }
    return withManagedFields(object, result.managed);
  }

  private record Result(Map<String, @Nullable Object> object, Managed managed) {}

  private void checkKind(Map<String, @Nullable Object> applied) {
    String apiVersion = Json.text(applied, "apiVersion");
    String kind = Json.text(applied, "kind");
    if (!apiVersion.equals(target.apiVersion) || !kind.equals(target.kind)) {
      throw Refusal.badRequest(
          "invalid object type: " + groupVersion(apiVersion) + ", Kind=" + kind);
    }
    if (Json.get(applied, "metadata", "managedFields") != null) {
      throw Refusal.badRequest("metadata.managedFields must be nil");
    }
  }

  /** {@code /v1} for the core group. */
  private static String groupVersion(String apiVersion) {
    return apiVersion.contains("/") ? apiVersion : "/" + apiVersion;
  }

  private Result applyOnce(
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      Manager writer,
      boolean force,
      Instant now)
      throws ConflictException {
    Managed managed;
    try {
      managed = Managed.decode(Json.list(live, "metadata", "managedFields"));
    } catch (Managed.MalformedException e) {
      throw Refusal.plain("failed to decode managed fields: " + e.getMessage());
    }
    if (managed.owners().isEmpty()) {
      // Whatever is there already belongs to a manager of its own.
      managed = updated(empty, live, managed, "before-first-apply", now);
    }
    check("failed to create typed patch object", applied, false);
    check("failed to create typed live object", live, true);
    Object merged;
    try {
      merged = updater.apply(live, applied, managed, writer, force);
    } catch (TypedException e) {
      throw Refusal.plain("failed to merge config: " + e.getMessage());
    }
    strip(managed, writer);
    Map<String, @Nullable Object> object = Json.asObject(merged);
    if (object != null) {
      managed.touch(writer, now);
    }
    return new Result(object == null ? live : object, managed);
  }

  private void check(String what, Map<String, @Nullable Object> object, boolean allowDuplicates) {
    try {
      Typed.validate(type, object, allowDuplicates);
    } catch (TypedException e) {
      throw Refusal.plain(what + " (" + name(object) + "): " + e.getMessage());
    }
  }

  private String name(Map<String, @Nullable Object> object) {
    return Json.text(object, "metadata", "namespace")
        + "/"
        + Json.text(object, "metadata", "name")
        + "; "
        + groupVersion(target.apiVersion)
        + ", Kind="
        + target.kind;
  }

  /**
   * Ownership after a create, PUT or patch.
   *
   * @param live the stored object in the target's version; null on create
   * @param updated the object that the request leads to, defaulted, before admission; its
   *     managedFields count when the request changes them
   * @return {@code updated} with its new managedFields
   */
  public Map<String, @Nullable Object> update(
      @Nullable Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> updated,
      String manager,
      Instant now) {
    Map<String, @Nullable Object> before = live == null ? empty : live;
    Managed managed = liveOrNew(before, updated);
    if (managed.owners().isEmpty() && !Json.text(before, "metadata", "uid").isEmpty()) {
      // An object that nobody tracks stays so until it is applied.
      return withManagedFields(updated, managed);
    }
    try {
      return withManagedFields(updated, updated(before, updated, managed, manager, now));
    } catch (Refusal e) {
      // The real server stores the object all the same, without managedFields.
      return withManagedFields(updated, new Managed());
    }
  }

  private Managed liveOrNew(
      Map<String, @Nullable Object> live, Map<String, @Nullable Object> updated) {
    List<@Nullable Object> liveEntries = Json.list(live, "metadata", "managedFields");
    List<@Nullable Object> newEntries = Json.list(updated, "metadata", "managedFields");
    if (target.subresource.isEmpty()) {
      if (Managed.isReset(newEntries)) {
        return new Managed();
      }
      Managed fromNew = decodeOrEmpty(newEntries);
      if (!fromNew.owners().isEmpty()) {
        return fromNew;
      }
    }
    return decodeOrEmpty(liveEntries);
  }

  private static Managed decodeOrEmpty(@Nullable List<@Nullable Object> entries) {
    try {
      return Managed.decode(entries);
    } catch (Managed.MalformedException e) {
      // As in the real server, entries that cannot be read count as none.
      return new Managed();
    }
  }

  private Managed updated(
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> updated,
      Managed managed,
      String manager,
      Instant now) {
    // The writer's change is computed apart from what it owned before, then added to it.
    Manager current = new Manager("current-operation", false, "", "");
    Manager writer = Manager.updater(manager, target.apiVersion, target.subresource);
    Map<String, @Nullable Object> from = withoutManagedFields(live);
    Map<String, @Nullable Object> to = withoutManagedFields(updated);
    check("failed to convert new object", to, true);
    check("failed to convert live object", from, true);
    try {
      updater.update(from, to, managed, current);
    } catch (TypedException e) {
      throw Refusal.plain("failed to update ManagedFields (" + name(to) + "): " + e.getMessage());
    }
    strip(managed, current);
    Managed.Owned change = managed.owners().remove(current);
    if (change != null) {
      Managed.Owned previous = managed.owners().get(writer);
      managed
          .owners()
          .put(writer, previous == null ? change : change.with(change.set().union(previous.set())));
      managed.touch(writer, now);
    }
    managed.capUpdaters();
    return managed;
  }

  private static void strip(Managed managed, Manager manager) {
    Managed.Owned owned = managed.owners().get(manager);
    if (owned == null) {
      return;
    }
    FieldSet rest = owned.set().difference(STRIPPED);
    if (rest.isEmpty()) {
      managed.owners().remove(manager);
    } else {
      managed.owners().put(manager, owned.with(rest));
    }
  }

  /**
   * The new object, or the same with the old entries' times where nothing but these times differs,
   * so that a write without effect does not move the resourceVersion. To be asked last, on the
   * object that would be stored.
   */
  public static Map<String, @Nullable Object> keepTimes(
      Map<String, @Nullable Object> old, Map<String, @Nullable Object> updated) {
    List<@Nullable Object> before = Json.list(old, "metadata", "managedFields");
    List<@Nullable Object> after = Json.list(updated, "metadata", "managedFields");
    if (before == null
        || after == null
        || before.size() != after.size()
        || Objects.equals(before, after)) {
      return updated;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!Objects.equals(withoutTime(before.get(i)), withoutTime(after.get(i)))) {
        return updated;
      }
    }
    return withoutManagedFields(old).equals(withoutManagedFields(updated))
        ? withEntries(updated, before)
        : updated;
  }

  private static Map<String, @Nullable Object> withoutTime(@Nullable Object entry) {
    Map<String, @Nullable Object> object = Json.asObject(entry);
    Map<String, @Nullable Object> copy = Json.newObject();
    if (object != null) {
      copy.putAll(object);
      copy.remove("time");
    }
    return copy;
  }

  private static Map<String, @Nullable Object> withoutManagedFields(
      Map<String, @Nullable Object> object) {
    return withEntries(object, null);
  }

  private static Map<String, @Nullable Object> withManagedFields(
      Map<String, @Nullable Object> object, Managed managed) {
    return withEntries(object, managed.encode());
  }

  private static Map<String, @Nullable Object> withEntries(
      Map<String, @Nullable Object> object, @Nullable List<@Nullable Object> entries) {
    Map<String, @Nullable Object> metadata = Json.object(object, "metadata");
    if (entries == null && (metadata == null || !metadata.containsKey("managedFields"))) {
      return object;
    }
    Map<String, @Nullable Object> newMetadata = Json.newObject();
    if (metadata != null) {
      newMetadata.putAll(metadata);
    }
    if (entries == null) {
      newMetadata.remove("managedFields");
    } else {
      newMetadata.put("managedFields", entries);
    }
    Map<String, @Nullable Object> copy = Json.newObject();
    copy.putAll(object);
    copy.put("metadata", newMetadata);
    return copy;
  }

  /** What kubectl last applied from the client side and is still so; null when that is unknown. */
  private @Nullable FieldSet lastAppliedFields(Map<String, @Nullable Object> live) {
    String text = Json.text(live, "metadata", "annotations", LAST_APPLIED);
    if (text.isEmpty()) {
      return null;
    }
    try {
      Map<String, @Nullable Object> lastApplied = Json.asObject(Json.parse(text));
      if (lastApplied == null || !target.apiVersion.equals(lastApplied.get("apiVersion"))) {
        return null;
      }
      Typed.validate(type, live, false);
      Typed.validate(type, lastApplied, false);
      TypedCompare.Comparison comparison = TypedCompare.compare(type, lastApplied, live);
      return Typed.fieldSet(type, lastApplied)
          .difference(comparison.modified())
          .difference(comparison.added())
          .difference(comparison.removed());
    } catch (JsonParseException | TypedException e) {
      return null;
    }
  }

  private static Map<String, @Nullable Object> withLastApplied(
      Map<String, @Nullable Object> object, Map<String, @Nullable Object> applied) {
    Map<String, @Nullable Object> source = Json.copyObject(applied);
    Map<String, @Nullable Object> ownAnnotations = Json.object(source, "metadata", "annotations");
    if (ownAnnotations != null) {
      ownAnnotations.remove(LAST_APPLIED);
    }
    Map<String, @Nullable Object> copy = Json.copyObject(object);
    Map<String, @Nullable Object> annotations = Json.object(copy, "metadata", "annotations");
    if (annotations != null) {
      annotations.put(LAST_APPLIED, Json.writeSorted(source) + "\n");
      long size = 0;
      for (Map.Entry<String, @Nullable Object> entry : annotations.entrySet()) {
        size += entry.getKey().length() + String.valueOf(entry.getValue()).length();
      }
      if (size > MAX_ANNOTATIONS) {
        annotations.remove(LAST_APPLIED);
      }
    }
    return copy;
  }
}
