package sh.kaito.api.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a document held that this library's model does not: fields of a newer API, also inside pod
 * templates, volumes and metadata, and values of a type that the model cannot hold. Opaque; it
 * travels with the part that it was found in and is written back there, so that reading, changing
 * and writing a Workspace loses nothing. Inside lists an element is found again by its {@code
 * name}, or by its position where it has none. Immutable.
 */
public final class UnknownFields {
  private static final UnknownFields NONE = new UnknownFields(Map.of());

  private final Map<String, Rest> rest;

  private UnknownFields(Map<String, Rest> rest) {
    this.rest = rest;
  }

  /** Nothing unknown. */
  public static UnknownFields none() {
    return NONE;
  }

  static UnknownFields of(Map<String, Rest> rest) {
    return rest.isEmpty() ? NONE : new UnknownFields(Collections.unmodifiableMap(rest));
  }

  /** Whether there is nothing unknown. */
  public boolean isEmpty() {
    return rest.isEmpty();
  }

  /** JSON paths of the unknown fields, relative to the part that holds them. */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    new Branch(rest).visit("", (path, value) -> paths.add(path));
    return paths;
  }

  /** Writes the unknown fields into a tree of known ones; known values win. */
  void mergeInto(Map<String, @Nullable Object> known) {
    new Branch(rest).mergeInto(known);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UnknownFields that && rest.equals(that.rest);
  }

  @Override
  public int hashCode() {
    return rest.hashCode();
  }

  /** The paths, without values: those may be secret. */
  @Override
  public String toString() {
    return paths().toString();
  }

  /** How an element of a list is found again. */
  static String elementKey(@Nullable Object element, int index) {
    if (element instanceof Map<?, ?> map && map.get("name") instanceof String name) {
      return "[name=" + name + "]";
    }
    return "[" + index + "]";
  }

  /** Something unknown below one key. */
  sealed interface Rest {
    void visit(String path, BiConsumer<String, @Nullable Object> leaf);
  }

  /** A whole value that the model does not hold. */
  record Leaf(@Nullable Object value) implements Rest {

    /** Keeps a copy in which equal numbers are equal objects, whichever parser made the tree. */
    static Leaf of(@Nullable Object tree) {
      return new Leaf(copy(tree));
    }

    private static @Nullable Object copy(@Nullable Object tree) {
      if (tree instanceof Map<?, ?> map) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), copy(value)));
        return copy;
      }
      if (tree instanceof List<?> list) {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        list.forEach(value -> copy.add(copy(value)));
        return copy;
      }
      return tree instanceof Integer number ? Long.valueOf(number) : tree;
    }

    @Override
    public void visit(String path, BiConsumer<String, @Nullable Object> leaf) {
      leaf.accept(path, value);
    }
  }

  /** A known mapping with unknown fields somewhere in it. */
  record Branch(Map<String, Rest> children) implements Rest {
    @Override
    public void visit(String path, BiConsumer<String, @Nullable Object> leaf) {
      children.forEach(
          (name, child) -> child.visit(path.isEmpty() ? name : path + "." + name, leaf));
    }

    void mergeInto(Map<String, @Nullable Object> known) {
      children.forEach(
          (name, child) -> {
            if (child instanceof Leaf leaf) {
              known.putIfAbsent(name, leaf.value());
            } else {
              mergeChild(child, known.get(name));
            }
          });
    }
  }

  /** A known list with unknown fields in its elements. */
  record ListBranch(Map<String, Rest> byElement) implements Rest {
    @Override
    public void visit(String path, BiConsumer<String, @Nullable Object> leaf) {
      byElement.forEach((key, child) -> child.visit(path + key, leaf));
    }

    void mergeInto(List<?> known) {
      for (int i = 0; i < known.size(); i++) {
        Object element = known.get(i);
        Rest child = byElement.get(elementKey(element, i));
        if (child != null) {
          mergeChild(child, element);
        }
      }
    }
  }

  @SuppressWarnings("unchecked") // trees hold no other maps than those with string keys
  private static void mergeChild(Rest child, @Nullable Object known) {
    if (child instanceof Branch branch && known instanceof Map<?, ?> map) {
      branch.mergeInto((Map<String, @Nullable Object>) map);
    } else if (child instanceof ListBranch branch && known instanceof List<?> list) {
      branch.mergeInto(list);
    }
  }

  /** Collects what is unknown in one object while it is read. */
  static final class Collector {
    private final Map<String, Rest> rest = new LinkedHashMap<>();

    void put(String name, @Nullable Rest child) {
      if (child != null) {
        rest.put(name, child);
      }
    }

    void leaf(String name, @Nullable Object value) {
      rest.put(name, Leaf.of(value));
    }

    UnknownFields toUnknownFields() {
      return UnknownFields.of(rest);
    }
  }
}
