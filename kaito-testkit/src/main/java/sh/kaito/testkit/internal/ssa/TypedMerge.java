package sh.kaito.testkit.internal.ssa;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.ApplyType.ListType;
import sh.kaito.testkit.internal.schema.ApplyType.MapType;

/** Lays one typed value over another: what the right one has wins, what it lacks stays. */
final class TypedMerge {
  private final List<String> errors = new ArrayList<>();

  private TypedMerge() {}

  /** Merges two values that have been checked; null when nothing remains. */
  static @Nullable Object merge(ApplyType type, @Nullable Object left, @Nullable Object right)
      throws TypedException {
    TypedMerge merge = new TypedMerge();
    Object result = merge.visit(type, left, right, "");
    if (!merge.errors.isEmpty()) {
      throw new TypedException(merge.errors);
    }
    return Values.isAbsent(result) ? null : result;
  }

  /** Answers ABSENT when the result has nothing here. */
  private @Nullable Object visit(
      ApplyType type, @Nullable Object left, @Nullable Object right, String path)
      throws TypedException {
    TypeRules.Form form =
        Values.isAbsent(right) ? TypeRules.form(type, left) : TypeRules.form(type, right);
    return switch (form) {
      case MAP -> map(type, left, right, path);
      case LIST -> list(type, left, right, path);
      default -> leaf(left, right);
    };
  }

  private static @Nullable Object leaf(@Nullable Object left, @Nullable Object right) {
    return Values.isAbsent(right) ? left : right;
  }

  private @Nullable Object map(
      ApplyType type, @Nullable Object left, @Nullable Object right, String path)
      throws TypedException {
    MapType map = type.map();
    Map<?, ?> a = left instanceof Map<?, ?> m ? m : Map.of();
    Map<?, ?> b = right instanceof Map<?, ?> m ? m : Map.of();
    if (map == null || map.atomic() || (a.isEmpty() && b.isEmpty())) {
      return leaf(left, right);
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      String key = (String) entry.getKey();
      Object theirs = b.containsKey(key) ? b.get(key) : Values.ABSENT;
      put(map, out, key, entry.getValue(), theirs, path);
    }
    for (Map.Entry<?, ?> entry : b.entrySet()) {
      String key = (String) entry.getKey();
      if (!a.containsKey(key)) {
        put(map, out, key, Values.ABSENT, entry.getValue(), path);
      }
    }
    return out.isEmpty() ? Values.ABSENT : out;
  }

  private void put(
      MapType map,
      Map<String, @Nullable Object> out,
      String key,
      @Nullable Object left,
      @Nullable Object right,
      String path)
      throws TypedException {
    ApplyType type = map.typeOf(key);
    if (type == null) {
      // Fields of the live object that its schema no longer has are kept as they are.
      out.put(key, leaf(left, right));
      return;
    }
    Object merged = visit(type, left, right, path + "." + key);
    if (!Values.isAbsent(merged)) {
      out.put(key, merged);
    }
  }

  private @Nullable Object list(
      ApplyType type, @Nullable Object left, @Nullable Object right, String path)
      throws TypedException {
    ListType list = type.list();
    List<?> a = left instanceof List<?> l ? l : List.of();
    List<?> b = right instanceof List<?> l ? l : List.of();
    if (list == null || !list.associative() || (a.isEmpty() && b.isEmpty())) {
      return leaf(left, right);
    }
    Index rights = index(list, b, false, path);
    Index lefts = index(list, a, true, path);
    if (!errors.isEmpty()) {
      return Values.ABSENT;
    }
    List<@Nullable Object> out = interleave(list, lefts, rights, a, path);
    return out.isEmpty() ? Values.ABSENT : out;
  }

  private record Index(List<PathElement> order, Map<PathElement, @Nullable Object> items) {}

  private Index index(ListType list, List<?> items, boolean allowDuplicates, String path) {
    Index index = new Index(new ArrayList<>(), new TreeMap<>());
    for (int i = 0; i < items.size(); i++) {
      PathElement element;
      try {
        element = TypeRules.element(list, items.get(i));
      } catch (TypedException e) {
        errors.add(path + ": element " + i + ": " + e.getMessage());
        continue;
      }
      if (!index.items.containsKey(element)) {
        index.items.put(element, items.get(i));
      } else if (allowDuplicates) {
        // Repeated items are not merged with the new one.
        index.items.put(element, null);
      } else {
        errors.add(path + ": duplicate entries for key " + element);
        continue;
      }
      index.order.add(element);
    }
    return index;
  }

  /**
   * The order of the result: the right one's order for what it has, with the left one's other items
   * as near as possible to where they were.
   */
  private List<@Nullable Object> interleave(
      ListType list, Index left, Index right, List<?> leftItems, String path)
      throws TypedException {
    List<@Nullable Object> out = new ArrayList<>();
    Deque<PathElement> shared = new ArrayDeque<>();
    for (PathElement element : right.order) {
      if (left.items.containsKey(element)) {
        shared.add(element);
      }
    }
    PathElement nextShared = shared.poll();
    Set<PathElement> merged = new TreeSet<>();
    int l = 0;
    int r = 0;
    while (l < left.order.size() || r < right.order.size()) {
      if (l < left.order.size() && r < right.order.size()) {
        PathElement element = left.order.get(l);
        if (element.equals(right.order.get(r))) {
          merged.add(element);
          add(list, out, element, itemOf(left, element), itemOf(right, element), path);
          l++;
          r++;
          nextShared = shared.poll();
          continue;
        }
        if (right.items.containsKey(element) && nextShared != null && !nextShared.equals(element)) {
          l++;
          continue;
        }
      }
      if (l < left.order.size()) {
        PathElement element = left.order.get(l);
        if (!right.items.containsKey(element)) {
          add(list, out, element, leftItems.get(l), Values.ABSENT, path);
          l++;
          continue;
        }
        if (merged.contains(element)) {
          l++;
        }
      }
      if (r < right.order.size()) {
        PathElement element = right.order.get(r);
        merged.add(element);
        add(list, out, element, itemOf(left, element), itemOf(right, element), path);
        r++;
        if (nextShared != null && nextShared.equals(element)) {
          nextShared = shared.poll();
        }
      }
    }
    return out;
  }

  private static @Nullable Object itemOf(Index index, PathElement element) {
    return index.items.containsKey(element) ? index.items.get(element) : Values.ABSENT;
  }

  private void add(
      ListType list,
      List<@Nullable Object> out,
      PathElement element,
      @Nullable Object left,
      @Nullable Object right,
      String path)
      throws TypedException {
    Object merged = visit(list.element(), left, right, path + element);
    if (!Values.isAbsent(merged)) {
      out.add(merged);
    }
  }
}
