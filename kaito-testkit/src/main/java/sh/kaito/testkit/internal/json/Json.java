package sh.kaito.testkit.internal.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reading, writing, copying and comparing JSON held as plain Java values.
 *
 * <p>Numbers follow kube-apiserver's decoder: a literal without {@code .}, {@code e} or {@code E}
 * that fits 64 bits is a {@link Long}, everything else a {@link Double}. A {@code Long} and a
 * {@code Double} are never equal. Object keys keep their order; of a repeated key the last value
 * wins.
 *
 * <p>Values are treated as immutable once they are shared; every method here leaves its arguments
 * alone. Stateless, safe from any thread.
 */
public final class Json {
  private Json() {}

  /**
   * Reads one JSON document.
   *
   * @throws JsonParseException with the wording of Go's decoder, the offset, line and column
   */
  public static @Nullable Object parse(byte[] utf8) {
    return new JsonReader(utf8, false).read();
  }

  /** Reads one JSON document; see {@link #parse(byte[])}. */
  public static @Nullable Object parse(String text) {
    return parse(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads one JSON document and says which keys of it were repeated. */
  public static Parsed parseTracking(byte[] utf8) {
    JsonReader reader = new JsonReader(utf8, true);
    Object value = reader.read();
    return new Parsed(value, reader.duplicates());
  }

  /**
   * A document and its repeated keys.
   *
   * @param value the document; for a repeated key the last value
   * @param duplicates paths of repeated keys as kube-apiserver writes them, for example {@code
   *     spec.containers[0].name}; in document order, each path once
   */
  public record Parsed(@Nullable Object value, List<String> duplicates) {}

  /** Writes compact JSON in UTF-8, keys in their order. */
  public static byte[] write(@Nullable Object value) {
    return new JsonWriter(false).write(value).toBytes();
  }

  /** Writes compact JSON, keys in their order. */
  public static String writeString(@Nullable Object value) {
    return new String(write(value), StandardCharsets.UTF_8);
  }

  /** Writes compact JSON with the keys of every object sorted, as Go writes maps. */
  public static String writeSorted(@Nullable Object value) {
    return new String(new JsonWriter(true).write(value).toBytes(), StandardCharsets.UTF_8);
  }

  /** A copy whose maps and lists are new and may be changed. */
  public static @Nullable Object deepCopy(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return copyObject(map);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> result = new ArrayList<>(list.size());
      for (Object item : list) {
        result.add(deepCopy(item));
      }
      return result;
    }
    return value;
  }

  /** A copy of an object whose maps and lists are new and may be changed. */
  public static Map<String, @Nullable Object> copyObject(Map<?, ?> object) {
    Map<String, @Nullable Object> result = newObject(object.size());
    for (Map.Entry<?, ?> entry : object.entrySet()) {
      result.put((String) entry.getKey(), deepCopy(entry.getValue()));
    }
    return result;
  }

  /** Equality of two documents: key order does not count, Long and Double differ. */
  public static boolean deepEquals(@Nullable Object left, @Nullable Object right) {
    return Objects.equals(left, right);
  }

  /** An empty object. */
  public static Map<String, @Nullable Object> newObject() {
    return new LinkedHashMap<>();
  }

  private static Map<String, @Nullable Object> newObject(int size) {
    return new LinkedHashMap<>((int) (size / 0.75f) + 1);
  }

  /** The value as an object, or null when it is none. */
  @SuppressWarnings("unchecked")
  public static @Nullable Map<String, @Nullable Object> asObject(@Nullable Object value) {
    return value instanceof Map<?, ?> ? (Map<String, @Nullable Object>) value : null;
  }

  /** The value as a list, or null when it is none. */
  @SuppressWarnings("unchecked")
  public static @Nullable List<@Nullable Object> asList(@Nullable Object value) {
    return value instanceof List<?> ? (List<@Nullable Object>) value : null;
  }

  /** The value at a path of object keys, or null when a step is missing or no object. */
  public static @Nullable Object get(@Nullable Object root, String... keys) {
    Object current = root;
    for (String key : keys) {
      if (!(current instanceof Map<?, ?> map)) {
        return null;
      }
      current = map.get(key);
    }
    return current;
  }

  /** The object at a path, or null. */
  public static @Nullable Map<String, @Nullable Object> object(
      @Nullable Object root, String... keys) {
    return asObject(get(root, keys));
  }

  /** The list at a path, or null. */
  public static @Nullable List<@Nullable Object> list(@Nullable Object root, String... keys) {
    return asList(get(root, keys));
  }

  /** The string at a path, or null when it is missing or no string. */
  public static @Nullable String string(@Nullable Object root, String... keys) {
    return get(root, keys) instanceof String text ? text : null;
  }

  /** The string at a path, or the empty string. */
  public static String text(@Nullable Object root, String... keys) {
    return get(root, keys) instanceof String text ? text : "";
  }

  /** The integer at a path, or the given value. */
  public static long integer(@Nullable Object root, long otherwise, String... keys) {
    return get(root, keys) instanceof Long number ? number : otherwise;
  }

  /** The boolean at a path; false when missing. */
  public static boolean isTrue(@Nullable Object root, String... keys) {
    return get(root, keys) instanceof Boolean bool && bool;
  }

  /** A new object of alternating keys and values, in order. */
  public static Map<String, @Nullable Object> objectOf(@Nullable Object... keysAndValues) {
    if (keysAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "keys and values alternate: an even number is needed, got " + keysAndValues.length);
    }
    Map<String, @Nullable Object> result = newObject(keysAndValues.length / 2);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      result.put((String) Objects.requireNonNull(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return result;
  }
}
