package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;

/**
 * One step of a field path: a field, a list item by its keys, a list item by its value, or an
 * index. Immutable; ordered as fieldsV1 is.
 */
public final class PathElement implements Comparable<PathElement> {
  private enum Kind {
    FIELD,
    KEYS,
    VALUE,
    INDEX
  }

  private final Kind kind;

  /** String, sorted map of key fields, any scalar, or Integer: by kind. */
  private final @Nullable Object content;

  private PathElement(Kind kind, @Nullable Object content) {
    this.kind = kind;
    this.content = content;
  }

  /** A field of a map or struct. */
  public static PathElement field(String name) {
    return new PathElement(Kind.FIELD, name);
  }

  /** The list item with these key fields. */
  public static PathElement keys(Map<String, ? extends @Nullable Object> keys) {
    return new PathElement(Kind.KEYS, new TreeMap<String, @Nullable Object>(keys));
  }

  /** The item of a set. */
  public static PathElement value(@Nullable Object value) {
    return new PathElement(Kind.VALUE, value);
  }

  /** The item of an atomic list. */
  public static PathElement index(int index) {
    return new PathElement(Kind.INDEX, index);
  }

  /** The field's name, or null when this is no field. */
  public @Nullable String fieldName() {
    return kind == Kind.FIELD ? (String) content : null;
  }

  /** Whether this selects a list item by its keys. */
  public boolean isKeys() {
    return kind == Kind.KEYS;
  }

  /**
   * Reads a key of a fieldsV1 object, {@code f:name}, {@code k:{...}}, {@code v:...}, {@code i:0};
   * null for a kind of step that is not known.
   */
  static @Nullable PathElement parse(String text) {
    if (text.length() < 2) {
      throw new IllegalArgumentException("key must be 2 characters long:");
    }
    if (text.charAt(1) != ':') {
      throw new IllegalArgumentException("missing colon: " + text);
    }
    String rest = text.substring(2);
    try {
      switch (text.charAt(0)) {
        case 'f':
          return field(rest);
        case 'v':
          return value(Json.parse(rest));
        case 'k':
          Map<String, @Nullable Object> keys = Json.asObject(Json.parse(rest));
          if (keys == null) {
            throw new IllegalArgumentException("no object: " + rest);
          }
          return keys(keys);
        case 'i':
          return index(Integer.parseInt(rest));
        default:
          return null;
      }
    } catch (JsonParseException | NumberFormatException e) {
      throw new IllegalArgumentException(text + ": " + e.getMessage(), e);
    }
  }

  /** As a key of a fieldsV1 object. */
  String serialize() {
    return switch (kind) {
      case FIELD -> "f:" + content;
      case KEYS -> "k:" + Json.writeString(new LinkedHashMap<>(keyMap()));
      case VALUE -> "v:" + Json.writeString(content);
      case INDEX -> "i:" + content;
    };
  }

  @SuppressWarnings("unchecked")
  private Map<String, @Nullable Object> keyMap() {
    return content instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
  }

  @Override
  public int compareTo(PathElement other) {
    if (kind != other.kind) {
      return kind.compareTo(other.kind);
    }
    return switch (kind) {
      case FIELD -> Values.compareText(String.valueOf(content), String.valueOf(other.content));
      case KEYS -> compareKeys(keyMap(), other.keyMap());
      case VALUE, INDEX -> Values.compare(content, other.content);
    };
  }

  private static int compareKeys(
      Map<String, @Nullable Object> left, Map<String, @Nullable Object> right) {
    List<String> a = new ArrayList<>(left.keySet());
    List<String> b = new ArrayList<>(right.keySet());
    for (int i = 0; i < a.size() && i < b.size(); i++) {
      int order = Values.compareText(a.get(i), b.get(i));
      if (order == 0) {
        order = Values.compare(left.get(a.get(i)), right.get(b.get(i)));
      }
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PathElement element && compareTo(element) == 0;
  }

  @Override
  public int hashCode() {
    if (kind == Kind.FIELD) {
      return String.valueOf(content).hashCode();
    }
    // 1 and 1.0 are equal, so numbers hash alike; the rest is spread by its text.
    return kind == Kind.KEYS
        ? kind.hashCode() + keyMap().keySet().hashCode()
        : kind.hashCode()
            + (content instanceof Number n ? n.intValue() : Values.text(content).hashCode());
  }

  /** As paths are shown: {@code .spec}, {@code [name="c"]}, {@code [="x"]}, {@code [0]}. */
  @Override
  public String toString() {
    switch (kind) {
      case FIELD:
        return "." + content;
      case KEYS:
        StringBuilder text = new StringBuilder("[");
        keyMap()
            .forEach(
                (name, value) ->
                    text.append(text.length() == 1 ? "" : ",")
                        .append(name)
                        .append('=')
                        .append(Values.text(value)));
        return text.append(']').toString();
      case VALUE:
        return "[=" + Values.text(content) + "]";
      default:
        return "[" + content + "]";
    }
  }
}
