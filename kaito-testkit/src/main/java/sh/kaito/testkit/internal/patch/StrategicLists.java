package sh.kaito.testkit.internal.patch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.Refusal;

/** Merging of lists in a strategic merge patch. */
final class StrategicLists {
  private StrategicLists() {}

  static List<@Nullable Object> list(@Nullable Object value) {
    List<@Nullable Object> list = Json.asList(value);
    if (list == null) {
      throw badType("[]interface {}", value);
    }
    return list;
  }

  private static Refusal badType(String expected, @Nullable Object actual) {
    return Refusal.plain("expected a " + expected + ", but received a " + GoFormat.type(actual));
  }

  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    Map<String, @Nullable Object> map = Json.asObject(value);
    if (map == null) {
      throw badType("map[string]interface {}", value);
    }
    return map;
  }

  /** The merged list. A list whose strategy is not merge is replaced. */
  static List<@Nullable Object> merge(
      List<@Nullable Object> original,
      List<@Nullable Object> patch,
      StrategicMaps.Meta meta,
      boolean deleteList) {
    if (!meta.strategy().equals("merge") && !deleteList) {
      return patch;
    }
    if (original.isEmpty() && patch.isEmpty()) {
      return original;
    }
    if (!areMaps(original, patch)) {
      return mergeScalars(original, patch, meta.mergeKey(), deleteList);
    }
    if (meta.mergeKey().isEmpty()) {
      throw Refusal.plain(
          "cannot merge lists without merge key for "
              + (meta.type() == null ? "" : meta.type().structName()));
    }
    List<@Nullable Object> plain = new ArrayList<>();
    boolean replace = false;
    for (Object item : patch) {
      Map<String, @Nullable Object> map = map(item);
      if (!map.containsKey(StrategicMaps.DIRECTIVE)) {
        plain.add(item);
        continue;
      }
      Object directive = map.get(StrategicMaps.DIRECTIVE);
      if ("delete".equals(directive)) {
        Object key = key(map, meta.mergeKey());
        original.removeIf(
            entry ->
                map(entry).containsKey(meta.mergeKey())
                    && Objects.equals(map(entry).get(meta.mergeKey()), key));
      } else if ("replace".equals(directive)) {
        replace = true;
      } else if ("merge".equals(directive)) {
        throw Refusal.plain("merging lists cannot yet be specified in the patch");
      } else {
        throw StrategicMaps.badPatchType(directive, map);
      }
    }
    List<@Nullable Object> base = replace ? plain : original;
    List<@Nullable Object> changes = replace ? List.of() : plain;
    for (Object item : changes) {
      Object key = key(map(item), meta.mergeKey());
      int index = find(base, meta.mergeKey(), key);
      if (index < 0) {
        base.add(item);
      } else {
        base.set(index, StrategicMaps.merge(map(base.get(index)), map(item), meta.type()));
      }
    }
    return arrange(base, changes, changes, base, meta.mergeKey(), true);
  }

  private static List<@Nullable Object> mergeScalars(
      List<@Nullable Object> original,
      List<@Nullable Object> patch,
      String mergeKey,
      boolean deleteList) {
    if (deleteList) {
      List<@Nullable Object> rest = new ArrayList<>(original);
      rest.removeAll(patch);
      return rest;
    }
    List<@Nullable Object> both = new ArrayList<>(original);
    both.addAll(patch);
    List<@Nullable Object> distinct = new ArrayList<>(new LinkedHashSet<>(both));
    return arrange(distinct, patch, patch, original, mergeKey, false);
  }

  /** Whether the items are maps; all have to be of one type. */
  private static boolean areMaps(List<?> original, List<?> patch) {
    String type = null;
    for (List<?> list : List.of(original, patch)) {
      for (Object item : list) {
        String itemType = GoFormat.type(item);
        if (type == null) {
          if (item instanceof List<?>) {
            throw Refusal.unprocessable();
          }
          type = itemType;
        } else if (!type.equals(itemType)) {
          throw Refusal.plain(
              "list element types are not identical: " + GoFormat.plain(List.of(original, patch)));
        }
      }
    }
    if (type == null) {
      throw Refusal.plain("no elements in any of the given slices");
    }
    return type.startsWith("map");
  }

  private static @Nullable Object key(Map<String, @Nullable Object> map, String mergeKey) {
    if (!map.containsKey(mergeKey)) {
      throw Refusal.plain(
          "map: " + GoFormat.plain(map) + " does not contain declared merge key: " + mergeKey);
    }
    return map.get(mergeKey);
  }

  private static int find(List<?> list, String mergeKey, @Nullable Object key) {
    for (int i = 0; i < list.size(); i++) {
      if (!(list.get(i) instanceof Map<?, ?> map)) {
        throw Refusal.plain("value for key " + i + " is not a map");
      }
      if (map.containsKey(mergeKey) && Objects.equals(map.get(mergeKey), key)) {
        return i;
      }
    }
    return -1;
  }

  /** Checks that the items of a patch stand in the order that its directive gives. */
  static void checkOrder(List<?> patch, List<?> order, String mergeKey) {
    if (order.isEmpty() || patch.isEmpty()) {
      return;
    }
    List<@Nullable Object> kept = new ArrayList<>();
    for (Object item : patch) {
      boolean directive = item instanceof Map<?, ?> map && map.containsKey(StrategicMaps.DIRECTIVE);
      if (!directive) {
        kept.add(item);
      }
    }
    int i = 0;
    for (int o = 0; i < kept.size() && o < order.size(); o++) {
      Object left = kept.get(i);
      Object right = order.get(o);
      boolean equal =
          mergeKey.isEmpty()
              ? Objects.equals(left, right)
              : Objects.equals(key(map(left), mergeKey), key(map(right), mergeKey));
      if (equal) {
        i++;
      }
    }
    if (i < kept.size()) {
      throw Refusal.plain(
          "The order in patch list:\n"
              + GoFormat.plain(patch)
              + "\n doesn't match $setElementOrder list:\n"
              + GoFormat.plain(order)
              + "\n");
    }
  }

  /** Brings a merged list into the order that a directive gives. */
  static List<@Nullable Object> inOrder(
      List<@Nullable Object> merged,
      List<@Nullable Object> order,
      List<@Nullable Object> original,
      List<@Nullable Object> patch,
      String mergeKey) {
    return arrange(merged, order, order, original, mergeKey, areMaps(original, patch));
  }

  /**
   * Items that the patch names stand in its order, the others in the server's, and both are
   * interleaved by the server's order.
   */
  private static List<@Nullable Object> arrange(
      List<@Nullable Object> merged,
      List<@Nullable Object> partitionBy,
      List<@Nullable Object> patchOrder,
      List<@Nullable Object> serverOrder,
      String mergeKey,
      boolean maps) {
    List<@Nullable Object> named = new ArrayList<>();
    List<@Nullable Object> others = new ArrayList<>();
    for (Object item : merged) {
      boolean isNamed;
      if (mergeKey.isEmpty()) {
        isNamed = partitionBy.contains(item);
      } else {
        isNamed = find(partitionBy, mergeKey, key(map(item), mergeKey)) >= 0;
      }
      (isNamed ? named : others).add(item);
    }
    List<@Nullable Object> right = sorted(named, patchOrder, mergeKey, maps);
    List<@Nullable Object> left = sorted(others, serverOrder, mergeKey, maps);
    List<@Nullable Object> result = new ArrayList<>();
    int l = 0;
    int r = 0;
    while (l < left.size() || r < right.size()) {
      boolean takeLeft = r >= right.size();
      if (!takeLeft && l < left.size()) {
        int leftIndex = index(serverOrder, left.get(l), mergeKey, maps);
        int rightIndex = index(serverOrder, right.get(r), mergeKey, maps);
        takeLeft = leftIndex >= 0 && rightIndex >= 0 && leftIndex < rightIndex;
      }
      result.add(takeLeft ? left.get(l++) : right.get(r++));
    }
    return result;
  }

  /** Insertion sort, because items without a place make the order inconsistent. */
  private static List<@Nullable Object> sorted(
      List<@Nullable Object> items, List<@Nullable Object> order, String mergeKey, boolean maps) {
    List<@Nullable Object> result = new ArrayList<>(items);
    for (int i = 1; i < result.size(); i++) {
      for (int j = i;
          j > 0 && isLess(result.get(j), result.get(j - 1), order, mergeKey, maps);
          j--) {
        Object item = result.get(j);
        result.set(j, result.get(j - 1));
        result.set(j - 1, item);
      }
    }
    return result;
  }

  private static boolean isLess(
      @Nullable Object a, @Nullable Object b, List<?> order, String mergeKey, boolean maps) {
    int first = index(order, a, mergeKey, maps);
    int second = index(order, b, mergeKey, maps);
    return first < 0 || second < 0 || first < second;
  }

  private static int index(List<?> list, @Nullable Object item, String mergeKey, boolean maps) {
    Object wanted = maps ? Json.get(item, mergeKey) : item;
    for (int i = 0; i < list.size(); i++) {
      if (Objects.equals(maps ? Json.get(list.get(i), mergeKey) : list.get(i), wanted)) {
        return i;
      }
    }
    return -1;
  }
}
