package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.ApplyType;
import sh.kaito.testkit.internal.schema.ApplyType.ListType;
import sh.kaito.testkit.internal.schema.ApplyType.MapType;

/** What can be done with one typed value: check it, list its fields, take fields out of it. */
final class Typed {
  private Typed() {}

  /**
   * Checks a value against its type.
   *
   * @param allowDuplicates whether list items may repeat their keys
   */
  static void validate(ApplyType type, @Nullable Object value, boolean allowDuplicates)
      throws TypedException {
    List<String> errors = new ArrayList<>();
    validate(type, value, allowDuplicates, "", errors);
    if (!errors.isEmpty()) {
      throw new TypedException(errors);
    }
  }

  private static void validate(
      ApplyType type,
      @Nullable Object value,
      boolean allowDuplicates,
      String path,
      List<String> errors) {
    switch (TypeRules.form(type, value)) {
      case MAP -> validateMap(type, value, allowDuplicates, path, errors);
      case LIST -> validateList(type, value, allowDuplicates, path, errors);
      case SCALAR -> {
        ApplyType.Scalar scalar = type.scalar();
        String error = scalar == null ? null : TypeRules.scalarError(scalar, value);
        if (error != null) {
          errors.add(at(path, error));
        }
      }
      default -> errors.add(at(path, "schema error: invalid atom: inlined"));
    }
  }

  private static String at(String path, String error) {
    return path.isEmpty() ? error : path + ": " + error;
  }

  private static void validateMap(
      ApplyType type,
      @Nullable Object value,
      boolean allowDuplicates,
      String path,
      List<String> errors) {
    MapType map = type.map();
    Map<String, @Nullable Object> fields;
    try {
      fields = TypeRules.mapOf(value);
    } catch (TypedException e) {
      errors.add(at(path, e.getMessage()));
      return;
    }
    if (fields == null || map == null) {
      return;
    }
    for (Map.Entry<String, @Nullable Object> entry : fields.entrySet()) {
      String below = path + "." + entry.getKey();
      ApplyType fieldType = map.typeOf(entry.getKey());
      if (fieldType == null) {
        errors.add(below + ": field not declared in schema");
        return;
      }
      validate(fieldType, entry.getValue(), allowDuplicates, below, errors);
    }
  }

  private static void validateList(
      ApplyType type,
      @Nullable Object value,
      boolean allowDuplicates,
      String path,
      List<String> errors) {
    ListType list = type.list();
    List<@Nullable Object> items;
    try {
      items = TypeRules.listOf(value);
    } catch (TypedException e) {
      errors.add(at(path, e.getMessage()));
      return;
    }
    if (items == null || list == null) {
      return;
    }
    Set<PathElement> seen = new TreeSet<>();
    for (int i = 0; i < items.size(); i++) {
      PathElement element = PathElement.index(i);
      if (list.associative()) {
        try {
          element = TypeRules.element(list, items.get(i));
        } catch (TypedException e) {
          errors.add(at(path, "element " + i + ": " + e.getMessage()));
          return;
        }
        if (!seen.add(element) && !allowDuplicates) {
          errors.add(at(path, "duplicate entries for key " + element));
        }
      }
      validate(list.element(), items.get(i), allowDuplicates, path + element, errors);
    }
  }

  /** The paths that someone who applies this value owns. The value has been checked. */
  static FieldSet fieldSet(ApplyType type, @Nullable Object value) throws TypedException {
    FieldSet set = new FieldSet();
    collect(type, value, new ArrayList<>(), set);
    return set;
  }

  private static void collect(
      ApplyType type, @Nullable Object value, List<PathElement> path, FieldSet set)
      throws TypedException {
    switch (TypeRules.form(type, value)) {
      case MAP -> collectMap(type, value, path, set);
      case LIST -> collectList(type, value, path, set);
      default -> set.insert(path);
    }
  }

  private static void collectMap(
      ApplyType type, @Nullable Object value, List<PathElement> path, FieldSet set)
      throws TypedException {
    MapType map = type.map();
    if (map == null || map.atomic()) {
      set.insert(path);
      return;
    }
    Map<String, @Nullable Object> fields = TypeRules.mapOf(value);
    if (fields == null) {
      return;
    }
    for (Map.Entry<String, @Nullable Object> entry : fields.entrySet()) {
      ApplyType fieldType = map.typeOf(entry.getKey());
      Object item = entry.getValue();
      path.add(PathElement.field(entry.getKey()));
      if (fieldType != null) {
        collect(fieldType, item, path, set);
      }
      if (item == null
          || (item instanceof Map<?, ?> inner && inner.isEmpty())
          || !map.fields().containsKey(entry.getKey())) {
        set.insert(path);
      }
      path.remove(path.size() - 1);
    }
  }

  private static void collectList(
      ApplyType type, @Nullable Object value, List<PathElement> path, FieldSet set)
      throws TypedException {
    ListType list = type.list();
    if (list == null || !list.associative()) {
      set.insert(path);
      return;
    }
    List<@Nullable Object> items = TypeRules.listOf(value);
    if (items == null) {
      return;
    }
    List<PathElement> elements = new ArrayList<>();
    Set<PathElement> seen = new TreeSet<>();
    Set<PathElement> repeated = new TreeSet<>();
    for (Object item : items) {
      PathElement element = TypeRules.element(list, item);
      elements.add(element);
      if (!seen.add(element)) {
        repeated.add(element);
      }
    }
    for (int i = 0; i < items.size(); i++) {
      path.add(elements.get(i));
      // Repeated items are owned as one, without their fields.
      if (!repeated.contains(elements.get(i))) {
        collect(list.element(), items.get(i), path, set);
      }
      set.insert(path);
      path.remove(path.size() - 1);
    }
  }

  /** The value without the paths of the set; null when nothing of a map or list remains. */
  static @Nullable Object remove(@Nullable ApplyType type, @Nullable Object value, FieldSet paths)
      throws TypedException {
    if (type == null) {
      return value;
    }
    return switch (TypeRules.form(type, value)) {
      case MAP -> removeFromMap(type, value, paths);
      case LIST -> removeFromList(type, value, paths);
      default -> value;
    };
  }

  private static @Nullable Object removeFromMap(
      ApplyType type, @Nullable Object value, FieldSet paths) throws TypedException {
    MapType map = type.map();
    if (!(value instanceof Map<?, ?> fields) || fields.isEmpty() || map == null || map.atomic()) {
      return null;
    }
    Map<String, @Nullable Object> rest = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : fields.entrySet()) {
      String name = (String) entry.getKey();
      PathElement element = PathElement.field(name);
      if (paths.hasMember(element)) {
        continue;
      }
      FieldSet below = paths.below(element);
      rest.put(
          name,
          below == null ? entry.getValue() : remove(map.typeOf(name), entry.getValue(), below));
    }
    return rest.isEmpty() ? null : rest;
  }

  private static @Nullable Object removeFromList(
      ApplyType type, @Nullable Object value, FieldSet paths) throws TypedException {
    ListType list = type.list();
    if (!(value instanceof List<?> items)
        || items.isEmpty()
        || list == null
        || !list.associative()) {
      return null;
    }
    List<@Nullable Object> rest = new ArrayList<>();
    for (Object item : items) {
      PathElement element = TypeRules.element(list, item);
      if (paths.hasMember(element)) {
        continue;
      }
      FieldSet below = paths.below(element);
      rest.add(below == null ? item : remove(list.element(), item, below));
    }
    return rest.isEmpty() ? null : rest;
  }
}
