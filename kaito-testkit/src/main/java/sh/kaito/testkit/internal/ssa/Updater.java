package sh.kaito.testkit.internal.ssa;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.ssa.Managed.Owned;
import sh.kaito.testkit.internal.ssa.TypedCompare.Comparison;

/** Who owns what after an update or an apply, and the object that an apply leads to. */
final class Updater {
  /** The type of the resource in a version; null when the version does not exist. */
  interface Types {
    @Nullable ApplyType type(String apiVersion);
  }

  private final Types types;
  private final String apiVersion;
  private final ApplyType type;
  private final FieldSet ignored;

  Updater(Types types, String apiVersion, ApplyType type, FieldSet ignored) {
    this.types = types;
    this.apiVersion = apiVersion;
    this.type = type;
    this.ignored = ignored;
  }

  /** After a create, PUT or patch: the writer owns what it changed, others lose that. */
  void update(@Nullable Object live, @Nullable Object updated, Managed managed, Manager writer)
      throws TypedException {
    reconcile(managed);
    Comparison comparison;
    try {
      comparison = transfer(live, updated, managed, writer, true);
    } catch (ConflictException impossible) {
      throw new IllegalStateException("a forced transfer has no conflicts", impossible);
    }
    Owned own = managed.owners().get(writer);
    FieldSet before = own == null ? new FieldSet() : own.set();
    FieldSet after =
        before
            .difference(comparison.removed())
            .union(comparison.modified())
            .union(comparison.added())
            .recursiveDifference(ignored);
    if (after.isEmpty()) {
      managed.owners().remove(writer);
    } else {
      managed.owners().put(writer, new Owned(after, apiVersion, false));
    }
  }

  /** After an apply: the merged object, or null when it equals the live one. */
  @Nullable Object apply(
      @Nullable Object live,
      @Nullable Object applied,
      Managed managed,
      Manager writer,
      boolean force)
      throws TypedException, ConflictException {
    reconcile(managed);
    Object merged = TypedMerge.merge(type, live, applied);
    Owned last = managed.owners().get(writer);
    FieldSet set = Typed.fieldSet(type, applied).recursiveDifference(ignored);
    managed.owners().put(writer, new Owned(set, apiVersion, true));
    if (last != null && !last.set().isEmpty()) {
      merged = prune(merged, managed, last);
    }
    transfer(live, merged, managed, writer, force);
    return Values.equal(live, merged) ? null : merged;
  }

  private void reconcile(Managed managed) {
    for (Map.Entry<Manager, Owned> entry : Map.copyOf(managed.owners()).entrySet()) {
      ApplyType versionType = types.type(entry.getValue().apiVersion());
      if (versionType == null) {
        managed.owners().remove(entry.getKey());
      } else {
        Owned owned = entry.getValue();
        managed
            .owners()
            .put(entry.getKey(), owned.with(Reconcile.reconcile(owned.set(), versionType)));
      }
    }
  }

  /** Takes from the others what the change alters. */
  private Comparison transfer(
      @Nullable Object live,
      @Nullable Object updated,
      Managed managed,
      Manager writer,
      boolean force)
      throws TypedException, ConflictException {
    Comparison own = TypedCompare.compare(type, live, updated).without(ignored);
    Map<String, Comparison> byVersion = new LinkedHashMap<>();
    byVersion.put(apiVersion, own);
    Map<Manager, FieldSet> conflicts = new TreeMap<>();
    Map<Manager, FieldSet> removed = new TreeMap<>();
    for (Map.Entry<Manager, Owned> entry : Map.copyOf(managed.owners()).entrySet()) {
      if (entry.getKey().equals(writer)) {
        continue;
      }
      String version = entry.getValue().apiVersion();
      Comparison comparison = byVersion.get(version);
      if (comparison == null) {
        ApplyType versionType = types.type(version);
        if (versionType == null) {
          managed.owners().remove(entry.getKey());
          continue;
        }
        comparison = TypedCompare.compare(versionType, live, updated);
        byVersion.put(version, comparison);
      }
      FieldSet disputed =
          entry.getValue().set().intersection(comparison.modified().union(comparison.added()));
      if (!disputed.isEmpty()) {
        conflicts.put(entry.getKey(), disputed);
      }
      if (!comparison.removed().isEmpty()) {
        removed.put(entry.getKey(), comparison.removed());
      }
    }
    if (!force && !conflicts.isEmpty()) {
      throw new ConflictException(conflicts);
    }
    conflicts.forEach((manager, set) -> take(managed, manager, set));
    removed.forEach((manager, set) -> take(managed, manager, set));
    managed.owners().values().removeIf(owned -> owned.set().isEmpty());
    return own;
  }

  private static void take(Managed managed, Manager manager, FieldSet set) {
    managed
        .owners()
        .computeIfPresent(manager, (m, owned) -> owned.with(owned.set().difference(set)));
  }

  /**
   * Removes what the writer applied last time and does not apply now, unless somebody else owns it.
   */
  private @Nullable Object prune(@Nullable Object merged, Managed managed, Owned last)
      throws TypedException {
    ApplyType lastType = types.type(last.apiVersion());
    if (lastType == null) {
      return merged;
    }
    FieldSet lastMembers = last.set().withNamedFieldsAsMembers(lastType);
    Object pruned = Typed.remove(lastType, merged, lastMembers);
    pruned = addBackOwned(merged, pruned, managed, last.apiVersion());
    FieldSet prunedSet = Typed.fieldSet(lastType, pruned).withNamedFieldsAsMembers(lastType);
    FieldSet mergedSet = Typed.fieldSet(lastType, merged).withNamedFieldsAsMembers(lastType);
    // Only what this writer owned before goes; the rest that fell with it comes back.
    return Typed.remove(
        lastType, merged, mergedSet.difference(prunedSet).intersection(lastMembers));
  }

  private @Nullable Object addBackOwned(
      @Nullable Object merged, @Nullable Object pruned, Managed managed, String firstVersion)
      throws TypedException {
    Map<String, FieldSet> byVersion = new TreeMap<>();
    for (Owned owned : managed.owners().values()) {
      byVersion.merge(owned.apiVersion(), owned.set(), FieldSet::union);
    }
    FieldSet first = byVersion.remove(firstVersion);
    Object result = pruned;
    if (first != null) {
      result = addBackOwned(merged, result, firstVersion, first);
    }
    for (Map.Entry<String, FieldSet> entry : byVersion.entrySet()) {
      result = addBackOwned(merged, result, entry.getKey(), entry.getValue());
    }
    return result;
  }

  private @Nullable Object addBackOwned(
      @Nullable Object merged, @Nullable Object pruned, String version, FieldSet owned)
      throws TypedException {
    ApplyType versionType = types.type(version);
    if (versionType == null) {
      return pruned;
    }
    FieldSet mergedSet = Typed.fieldSet(versionType, merged).withNamedFieldsAsMembers(versionType);
    FieldSet prunedSet = Typed.fieldSet(versionType, pruned).withNamedFieldsAsMembers(versionType);
    FieldSet ownedSet = owned.withNamedFieldsAsMembers(versionType);
    return Typed.remove(versionType, merged, mergedSet.difference(prunedSet.union(ownedSet)));
  }
}
