package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.ApplyType.ListType;
import sh.kaito.testkit.internal.schema.ApplyType.MapType;

/**
 * Fits a field set to a schema that has changed since: where lists or maps became atomic, whoever
 * owned something below owns the whole.
 */
final class Reconcile {
  private final FieldSet nowAtomic = new FieldSet();
  private final List<PathElement> path = new ArrayList<>();

  private Reconcile() {}

  static FieldSet reconcile(FieldSet set, ApplyType type) {
    Reconcile reconcile = new Reconcile();
    reconcile.visit(set, type, false);
    if (reconcile.nowAtomic.isEmpty()) {
      return set;
    }
    return set.recursiveDifference(reconcile.nowAtomic).union(reconcile.nowAtomic);
  }

  private void visit(@Nullable FieldSet set, ApplyType type, boolean leaf) {
    MapType map = type.map();
    ListType list = type.list();
    if (map != null) {
      if (type.isDeducedMap()) {
        return;
      }
      if (!leaf && map.atomic()) {
        if (set != null && set.size() > 0) {
          nowAtomic.insert(path);
        }
        return;
      }
      if (set != null) {
        visitAll(
            set,
            element -> {
              String name = element.fieldName();
              return name == null ? map.element() : map.typeOf(name);
            });
      }
    } else if (type.scalar() == null && list != null) {
      if (!leaf && !list.associative()) {
        nowAtomic.insert(path);
        return;
      }
      if (set != null) {
        visitAll(set, element -> list.element());
      }
    }
  }

  private interface TypeOf {
    @Nullable ApplyType of(PathElement element);
  }

  private void visitAll(FieldSet set, TypeOf typeOf) {
    set.children()
        .forEach(
            (element, below) -> {
              if (!set.hasMember(element)) {
                descend(element, below, typeOf.of(element), false);
              }
            });
    for (PathElement element : set.members()) {
      FieldSet below = set.below(element);
      descend(element, below, typeOf.of(element), below == null);
    }
  }

  private void descend(
      PathElement element, @Nullable FieldSet below, @Nullable ApplyType type, boolean leaf) {
    if (type != null) {
      path.add(element);
      visit(below, type, leaf);
      path.remove(path.size() - 1);
    }
  }
}
