package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.ApplyType.ListType;
import sh.kaito.testkit.internal.schema.ApplyType.MapType;

/** What differs between two typed values, as three sets of paths. */
final class TypedCompare {
  /** The paths that the right value lacks, has differently, has newly. */
  record Comparison(FieldSet removed, FieldSet modified, FieldSet added) {
    /** Without the paths of a set and all below them. */
    Comparison without(FieldSet ignored) {
      if (ignored.isEmpty()) {
        return this;
      }
      return new Comparison(
          removed.recursiveDifference(ignored),
          modified.recursiveDifference(ignored),
          added.recursiveDifference(ignored));
    }
  }

  private final FieldSet removed = new FieldSet();
  private final FieldSet modified = new FieldSet();
  private final FieldSet added = new FieldSet();
  private final List<PathElement> path = new ArrayList<>();

  private TypedCompare() {}

  static Comparison compare(ApplyType type, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    TypedCompare compare = new TypedCompare();
    compare.visit(type, left, right);
    return new Comparison(compare.removed, compare.modified, compare.added);
  }

  private void visit(ApplyType type, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    TypeRules.Form rightForm = TypeRules.form(type, right);
    TypeRules.Form leftForm = TypeRules.form(type, left);
    boolean leaf;
    if (Values.isAbsent(right)) {
      leaf = handle(type, leftForm, left, right);
    } else if (Values.isAbsent(left) || isDecidedAlike(type, left, right)) {
      leaf = handle(type, rightForm, left, right);
    } else {
      handle(type, leftForm, left, right);
      leaf = handle(type, rightForm, left, right);
    }
    if (!leaf) {
      if (Values.isAbsent(left)) {
        added.insert(path);
      } else if (Values.isAbsent(right)) {
        removed.insert(path);
      }
    }
  }

  /** A null decides nothing about a type with several forms, so it is unlike a value. */
  private static boolean isDecidedAlike(
      ApplyType type, @Nullable Object left, @Nullable Object right) {
    return TypeRules.form(type, left) == TypeRules.form(type, right)
        && ((left == null) == (right == null) || isSingle(type));
  }

  private static boolean isSingle(ApplyType type) {
    int forms = type.map() == null ? 0 : 1;
    forms += type.list() == null ? 0 : 1;
    forms += type.scalar() == null ? 0 : 1;
    return forms == 1;
  }

  /** Answers whether the path was treated as a leaf. */
  private boolean handle(
      ApplyType type, TypeRules.Form form, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    return switch (form) {
      case MAP -> map(type, left, right);
      case LIST -> list(type, left, right);
      default -> leaf(left, right);
    };
  }

  private boolean leaf(@Nullable Object left, @Nullable Object right) {
    if (Values.isAbsent(left)) {
      added.insert(path);
    } else if (Values.isAbsent(right)) {
      removed.insert(path);
    } else if (!Values.equal(left, right)) {
      modified.insert(path);
    }
    return true;
  }

  private boolean map(ApplyType type, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    MapType map = type.map();
    Map<?, ?> a = left instanceof Map<?, ?> m ? m : Map.of();
    Map<?, ?> b = right instanceof Map<?, ?> m ? m : Map.of();
    if (map == null || map.atomic() || (a.isEmpty() && b.isEmpty())) {
      return leaf(left, right);
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      String key = (String) entry.getKey();
      Object theirs = b.containsKey(key) ? b.get(key) : Values.ABSENT;
      field(map, key, entry.getValue(), theirs);
    }
    for (Map.Entry<?, ?> entry : b.entrySet()) {
      String key = (String) entry.getKey();
      if (!a.containsKey(key)) {
        field(map, key, Values.ABSENT, entry.getValue());
      }
    }
    return false;
  }

  private void field(MapType map, String key, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    ApplyType type = map.typeOf(key);
    path.add(PathElement.field(key));
    visit(type == null ? ApplyType.untypedAtomic() : type, left, right);
    path.remove(path.size() - 1);
  }

  private boolean list(ApplyType type, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    ListType list = type.list();
    List<?> a = left instanceof List<?> l ? l : List.of();
    List<?> b = right instanceof List<?> l ? l : List.of();
    if (list == null || !list.associative() || (a.isEmpty() && b.isEmpty())) {
      return leaf(left, right);
    }
    Map<PathElement, List<@Nullable Object>> lefts = byElement(list, a);
    Map<PathElement, List<@Nullable Object>> rights = byElement(list, b);
    for (Map.Entry<PathElement, List<@Nullable Object>> entry : lefts.entrySet()) {
      items(list, entry.getKey(), entry.getValue(), rights.getOrDefault(entry.getKey(), List.of()));
    }
    for (Map.Entry<PathElement, List<@Nullable Object>> entry : rights.entrySet()) {
      if (!lefts.containsKey(entry.getKey())) {
        items(list, entry.getKey(), List.of(), entry.getValue());
      }
    }
    return false;
  }

  private static Map<PathElement, List<@Nullable Object>> byElement(ListType list, List<?> items)
      throws TypedException {
    Map<PathElement, List<@Nullable Object>> result = new TreeMap<>();
    for (Object item : items) {
      result.computeIfAbsent(TypeRules.element(list, item), e -> new ArrayList<>(1)).add(item);
    }
    return result;
  }

  private void items(
      ListType list, PathElement element, List<@Nullable Object> a, List<@Nullable Object> b)
      throws TypedException {
    path.add(element);
    if (a.size() <= 1 && b.size() <= 1) {
      visit(list.element(), firstOf(a), firstOf(b));
    } else if (a.size() >= 2 && b.size() >= 2) {
      if (!Values.equal(a, b)) {
        modified.insert(path);
      }
    } else if (a.size() >= 2) {
      if (!b.isEmpty()) {
        visit(list.element(), Values.ABSENT, b.get(0));
      }
      removed.insert(path);
    } else {
      if (!a.isEmpty()) {
        visit(list.element(), a.get(0), Values.ABSENT);
      }
      added.insert(path);
    }
    path.remove(path.size() - 1);
  }

  private static @Nullable Object firstOf(List<@Nullable Object> items) {
    return items.isEmpty() ? Values.ABSENT : items.get(0);
  }
}
