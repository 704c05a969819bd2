package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;

/**
 * Makes of a JSON document what the server holds of a custom resource: unknown fields pruned, nulls
 * that the schema does not allow dropped, metadata read strictly, keys sorted. Defaults are filled
 * in apart from that. One use, one thread.
 */
final class StructuralDecoder {
  private static final Set<String> META = Set.of("apiVersion", "kind", "metadata");

  private final List<String> unknown = new ArrayList<>();
  private final boolean dropInvalid;

  /**
   * @param dropInvalid whether metadata of a wrong type is dropped instead of refused, as when an
   *     object comes from storage
   */
  StructuralDecoder(boolean dropInvalid) {
    this.dropInvalid = dropInvalid;
  }

  /** Paths of fields that are not known. */
  List<String> unknown() {
    return unknown;
  }

  Map<String, @Nullable Object> decode(
      Map<String, @Nullable Object> source, @Nullable Structural schema) throws DecodeException {
    requireString(source, "kind");
    requireString(source, "apiVersion");
    Object metadata = null;
    if (source.get("metadata") != null) {
      metadata = metadata(source.get("metadata"), "metadata");
    }
    Map<String, @Nullable Object> object = sorted(source);
    List<String> pruned = new ArrayList<>();
    prune(object, (schema == null ? Structural.EMPTY : schema).asResource(), false, "", pruned);
    Collections.sort(pruned);
    unknown.addAll(pruned);
    pruneNulls(object, schema);
    if (schema != null) {
      coerce(object, schema, "", "");
    }
    if (metadata == null) {
      object.remove("metadata");
    } else {
      object.put("metadata", metadata);
    }
    return object;
  }

  /** Paths that pruning would remove from a value, which stays as it is. */
  static List<String> pruned(@Nullable Object value, Structural schema) {
    List<String> pruned = new ArrayList<>();
    Structural root = schema.embedded() ? schema.asResource() : schema;
    prune(Json.deepCopy(value), root, false, "", pruned);
    return pruned;
  }

  private static void requireString(Map<String, @Nullable Object> source, String key)
      throws DecodeException {
    Object value = source.get(key);
    if (value != null && !(value instanceof String)) {
      throw new DecodeException(
          "."
              + key
              + " accessor error: "
              + GoFormat.plain(value)
              + " is of the type "
              + GoFormat.type(value)
              + ", expected string");
    }
  }

  /** Metadata as the Go type has it, keys sorted. */
  private Map<String, @Nullable Object> metadata(@Nullable Object value, String path)
      throws DecodeException {
    GoDecoder decoder = new GoDecoder(GoDecoder.Words.JSON, Set.of());
    Map<String, @Nullable Object> metadata;
    try {
      metadata = decoder.decode(BuiltInTypes.objectMeta(), value);
    } catch (DecodeException e) {
      if (!dropInvalid || !(value instanceof Map<?, ?> fields)) {
        throw e;
      }
      return lenientMetadata(fields);
    }
    for (String problem : decoder.problems()) {
      int quote = problem.indexOf('"');
      unknown.add(path + "." + problem.substring(quote + 1, problem.length() - 1));
    }
    return sorted(metadata);
  }

  private static Map<String, @Nullable Object> lenientMetadata(Map<?, ?> fields) {
    Map<String, @Nullable Object> result = new TreeMap<>();
    for (Map.Entry<?, ?> entry : fields.entrySet()) {
      try {
        Map<String, @Nullable Object> one = Json.objectOf(entry.getKey(), entry.getValue());
        result.putAll(
            new GoDecoder(GoDecoder.Words.JSON, Set.of()).decode(BuiltInTypes.objectMeta(), one));
      } catch (DecodeException dropped) {
        // The field cannot be read; the others can.
        continue;
      }
    }
    return new LinkedHashMap<>(result);
  }

  /** A deep copy with sorted keys. */
  static Map<String, @Nullable Object> sorted(Map<?, ?> source) {
    Map<String, @Nullable Object> result = new TreeMap<>();
    source.forEach((key, value) -> result.put((String) key, sortedValue(value)));
    return new LinkedHashMap<>(result);
  }

  private static @Nullable Object sortedValue(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return sorted(map);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> result = new ArrayList<>(list.size());
      list.forEach(item -> result.add(sortedValue(item)));
      return result;
    }
    return value;
  }

  private static String key(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /**
   * Removes what the schema does not know.
   *
   * @param keep whether unknown fields stay, and only what is below known ones is looked at
   */
  private static void prune(
      @Nullable Object value,
      @Nullable Structural schema,
      boolean keep,
      String path,
      List<String> pruned) {
    boolean keeps = keep || (schema != null && schema.preserveUnknown());
    if (keeps && schema == null) {
      return;
    }
    List<@Nullable Object> list = Json.asList(value);
    if (list != null) {
      for (int i = 0; i < list.size(); i++) {
        Structural items = schema == null ? null : schema.items();
        prune(list.get(i), items, keeps, path + "[" + i + "]", pruned);
      }
      return;
    }
    Map<String, @Nullable Object> map = Json.asObject(value);
    if (map == null) {
      return;
    }
    for (String key : new ArrayList<>(map.keySet())) {
      boolean meta = META.contains(key);
      if (schema != null && schema.embedded() && meta) {
        continue;
      }
      Structural field = schema == null ? null : schema.field(key);
      String below = key(path, key);
      if (field != null || (schema != null && schema.additionalAllowed() != null)) {
        prune(map.get(key), field, false, below, pruned);
      } else if (!keeps) {
        if (schema == null || !meta || !path.isEmpty()) {
          pruned.add(below);
        }
        map.remove(key);
      }
    }
  }

  /** Nulls that are neither allowed nor to be replaced by a default count as absent. */
  private static void pruneNulls(@Nullable Object value, @Nullable Structural schema) {
    Map<String, @Nullable Object> map = Json.asObject(value);
    if (map != null) {
      for (String key : new ArrayList<>(map.keySet())) {
        Structural field = schema == null ? null : schema.field(key);
        Object item = map.get(key);
        if (item != null) {
          pruneNulls(item, field);
        } else if (field != null && !field.nullable() && field.defaultValue() == null) {
          map.remove(key);
        }
      }
      return;
    }
    List<@Nullable Object> list = Json.asList(value);
    if (list != null) {
      list.forEach(item -> pruneNulls(item, schema == null ? null : schema.items()));
    }
  }

  /** Reads the metadata of embedded resources into its type. */
  private void coerce(
      @Nullable Object value, @Nullable Structural schema, String path, String fieldPath)
      throws DecodeException {
    if (schema == null) {
      return;
    }
    List<@Nullable Object> list = Json.asList(value);
    if (list != null) {
      for (int i = 0; i < list.size(); i++) {
        coerce(list.get(i), schema.items(), path + "[" + i + "]", fieldPath + "[" + i + "]");
      }
      return;
    }
    Map<String, @Nullable Object> map = Json.asObject(value);
    if (map == null) {
      return;
    }
    for (String key : new ArrayList<>(map.keySet())) {
      Object item = map.get(key);
      if (schema.embedded()) {
        coerceMeta(map, key, item, key(fieldPath, key));
      }
      Structural property = schema.properties().get(key);
      if (property != null) {
        coerce(map.get(key), property, key(path, key), key(fieldPath, key));
      } else if (schema.additional() != null) {
        coerce(map.get(key), schema.additional(), key(path, key), fieldPath + "[" + key + "]");
      }
    }
  }

  private void coerceMeta(
      Map<String, @Nullable Object> map, String key, @Nullable Object item, String path)
      throws DecodeException {
    if ((key.equals("apiVersion") || key.equals("kind")) && !(item instanceof String)) {
      if (!dropInvalid) {
        throw new DecodeException(FieldError.invalid(path, item, "must be a string").toString());
      }
      map.remove(key);
    } else if (key.equals("metadata")) {
      try {
        Map<String, @Nullable Object> metadata = metadata(item, path);
        metadata.values().removeIf(v -> v == null);
        map.put(key, metadata);
      } catch (DecodeException e) {
        if (!dropInvalid) {
          throw new DecodeException(FieldError.invalid(path, item, e.getMessage()).toString());
        }
      }
    }
  }

  private static boolean isRefusedNull(@Nullable Object value, @Nullable Structural schema) {
    return value == null && schema != null && !schema.nullable();
  }

  /** Fills in defaults, from the outside to the inside. */
  static void fillDefaults(@Nullable Object value, @Nullable Structural schema) {
    if (schema == null) {
      return;
    }
    Map<String, @Nullable Object> map = Json.asObject(value);
    if (map != null) {
      boolean added = false;
      for (Map.Entry<String, Structural> property : schema.properties().entrySet()) {
        Object defaultValue = property.getValue().defaultValue();
        String key = property.getKey();
        if (defaultValue != null
            && (!map.containsKey(key) || isRefusedNull(map.get(key), property.getValue()))) {
          added |= !map.containsKey(key);
          map.put(key, sortedValue(defaultValue));
        }
      }
      if (added) {
        Map<String, @Nullable Object> sorted = new TreeMap<>(map);
        map.clear();
        map.putAll(sorted);
      }
      for (String key : new ArrayList<>(map.keySet())) {
        Structural property = schema.properties().get(key);
        Structural additional = schema.additional();
        if (property != null) {
          fillDefaults(map.get(key), property);
        } else if (additional != null) {
          if (isRefusedNull(map.get(key), additional)) {
            map.put(key, sortedValue(additional.defaultValue()));
          }
          fillDefaults(map.get(key), additional);
        }
      }
      return;
    }
    List<@Nullable Object> list = Json.asList(value);
    if (list != null) {
      Structural items = schema.items();
      for (int i = 0; i < list.size(); i++) {
        if (isRefusedNull(list.get(i), items) && items != null) {
          list.set(i, sortedValue(items.defaultValue()));
        }
        fillDefaults(list.get(i), items);
      }
    }
  }
}
