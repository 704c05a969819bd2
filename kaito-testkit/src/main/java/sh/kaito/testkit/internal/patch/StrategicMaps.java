package sh.kaito.testkit.internal.patch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.GoType;
import sh.kaito.testkit.internal.schema.Refusal;

/** Merging of objects in a strategic merge patch. Works in place on its arguments. */
final class StrategicMaps {
  static final String DIRECTIVE = "$patch";
  private static final String RETAIN_KEYS = "$retainKeys";
  private static final String DELETE_PRIMITIVES = "$deleteFromPrimitiveList";
  private static final String ELEMENT_ORDER = "$setElementOrder";

  /** How a field merges: the type below it, its merge key, and its strategy without retainKeys. */
  record Meta(@Nullable GoType type, String mergeKey, String strategy) {}

  private StrategicMaps() {}

  static Map<String, @Nullable Object> merge(
      Map<String, @Nullable Object> original,
      Map<String, @Nullable Object> patch,
      @Nullable GoType type) {
    if (patch.containsKey(DIRECTIVE)) {
      return directive(patch);
    }
    applyRetainKeys(original, patch);
    applyElementOrders(original, patch, type);
    for (String key : new ArrayList<>(patch.keySet())) {
      field(original, key, patch.get(key), type);
    }
    return original;
  }

  private static Map<String, @Nullable Object> directive(Map<String, @Nullable Object> patch) {
    Object directive = patch.get(DIRECTIVE);
    if ("replace".equals(directive)) {
      patch.remove(DIRECTIVE);
      return patch;
    }
    if ("delete".equals(directive)) {
      return Json.newObject();
    }
    throw badPatchType(directive, patch);
  }

  static Refusal badPatchType(@Nullable Object directive, Map<String, @Nullable Object> patch) {
    return Refusal.plain(
        "unknown patch type: " + GoFormat.plain(directive) + " in map: " + GoFormat.plain(patch));
  }

  private static void applyRetainKeys(
      Map<String, @Nullable Object> original, Map<String, @Nullable Object> patch) {
    if (!patch.containsKey(RETAIN_KEYS)) {
      return;
    }
    List<@Nullable Object> keys = Json.asList(patch.remove(RETAIN_KEYS));
    if (keys == null) {
      throw Refusal.badRequest("invalid patch format of retainKeys");
    }
    Set<@Nullable Object> retained = new LinkedHashSet<>(keys);
    for (Map.Entry<String, @Nullable Object> entry : patch.entrySet()) {
      boolean exempt =
          entry.getValue() == null
              || entry.getKey().startsWith(DELETE_PRIMITIVES)
              || entry.getKey().startsWith(ELEMENT_ORDER);
      if (!exempt && !retained.contains(entry.getKey())) {
        throw Refusal.badRequest("invalid patch format of retainKeys");
      }
    }
    original.keySet().removeIf(key -> !retained.contains(key));
  }

  private static void applyElementOrders(
      Map<String, @Nullable Object> original,
      Map<String, @Nullable Object> patch,
      @Nullable GoType type) {
    for (String key : new ArrayList<>(patch.keySet())) {
      if (!key.startsWith(ELEMENT_ORDER)) {
        continue;
      }
      List<@Nullable Object> order = StrategicLists.list(patch.remove(key));
      String field = suffix(key, ELEMENT_ORDER, "invalid patch format of setElementOrder list");
      boolean inOriginal = original.containsKey(field);
      boolean inPatch = patch.containsKey(field);
      List<@Nullable Object> ours =
          inOriginal ? StrategicLists.list(original.get(field)) : List.of();
      List<@Nullable Object> theirs = inPatch ? StrategicLists.list(patch.get(field)) : List.of();
      Meta meta = meta(type, field);
      StrategicLists.checkOrder(theirs, order, meta.mergeKey());
      if (!inOriginal && !inPatch) {
        continue;
      }
      List<@Nullable Object> merged;
      if (!inPatch) {
        merged = ours;
      } else if (!inOriginal) {
        merged = StrategicLists.list(withoutDirectives(theirs));
      } else {
        merged = StrategicLists.merge(ours, theirs, meta, false);
      }
      original.put(field, StrategicLists.inOrder(merged, order, ours, theirs, meta.mergeKey()));
      patch.remove(field);
    }
  }

  private static String suffix(String key, String prefix, String error) {
    int slash = key.indexOf('/');
    if (slash < 0 || !key.substring(0, slash).equals(prefix)) {
      throw Refusal.badRequest(error);
    }
    return key.substring(slash + 1);
  }

  private static void field(
      Map<String, @Nullable Object> original,
      String patchKey,
      @Nullable Object value,
      @Nullable GoType type) {
    String key = patchKey;
    boolean deleteList = patchKey.startsWith(DELETE_PRIMITIVES);
    if (deleteList) {
      key = suffix(patchKey, DELETE_PRIMITIVES, "invalid patch format of primitive list");
    }
    if (value == null) {
      original.remove(key);
      return;
    }
    Object current = original.get(key);
    if (!original.containsKey(key)
        || current == null
        || !GoFormat.type(current).equals(GoFormat.type(value))) {
      if (!deleteList) {
        discardNulls(value);
        put(original, key, value);
      }
      return;
    }
    Map<String, @Nullable Object> currentMap = Json.asObject(current);
    Map<String, @Nullable Object> patchMap = Json.asObject(value);
    if (currentMap != null && patchMap != null) {
      Meta meta = meta(type, key);
      original.put(
          key,
          meta.strategy().equals("replace") ? patchMap : merge(currentMap, patchMap, meta.type()));
      return;
    }
    List<@Nullable Object> currentList = Json.asList(current);
    List<@Nullable Object> patchList = Json.asList(value);
    if (currentList != null && patchList != null) {
      original.put(key, StrategicLists.merge(currentList, patchList, meta(type, key), deleteList));
      return;
    }
    put(original, key, value);
  }

  private static final Object DROPPED = new Object();

  private static void put(Map<String, @Nullable Object> map, String key, Object value) {
    Object clean = withoutDirectives(value);
    if (clean == DROPPED) {
      map.remove(key);
    } else {
      map.put(key, clean);
    }
  }

  private static void discardNulls(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      map.values().removeIf(item -> item == null);
      map.values().forEach(StrategicMaps::discardNulls);
    } else if (value instanceof List<?> list) {
      list.forEach(StrategicMaps::discardNulls);
    }
  }

  /** The value without what holds a directive; DROPPED when it holds one itself. */
  static @Nullable Object withoutDirectives(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      if (map.containsKey(DIRECTIVE)) {
        return DROPPED;
      }
      Map<String, @Nullable Object> result = Json.newObject();
      map.forEach(
          (key, item) -> {
            Object clean = withoutDirectives(item);
            if (clean != DROPPED) {
              result.put((String) key, clean);
            }
          });
      return result;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> result = new ArrayList<>();
      for (Object item : list) {
        Object clean = withoutDirectives(item);
        if (clean != DROPPED) {
          result.add(clean);
        }
      }
      return result;
    }
    return value;
  }

  private static Meta meta(@Nullable GoType type, String key) {
    if (type == null) {
      return new Meta(null, "", "");
    }
    if (type.kind() == GoType.Kind.MAP) {
      return new Meta(type.element(), "", "");
    }
    if (type.kind() != GoType.Kind.STRUCT) {
      return new Meta(null, "", "");
    }
    GoType.Field field = type.fields().get(key);
    if (field == null) {
      throw Refusal.plain(
          "unable to find api field in struct "
              + type.structName()
              + " for the json field "
              + GoFormat.quote(key));
    }
    String strategy =
        field.strategies().stream().filter(s -> !s.equals("retainKeys")).findFirst().orElse("");
    GoType below = field.type().kind() == GoType.Kind.LIST ? field.type().element() : field.type();
    return new Meta(below, field.mergeKey(), strategy);
  }
}
