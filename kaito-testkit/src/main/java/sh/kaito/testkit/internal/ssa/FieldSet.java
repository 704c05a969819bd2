package sh.kaito.testkit.internal.ssa;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.ApplyType;

/**
 * A set of field paths: what fieldsV1 writes. A path may be a member, have members below it, or
 * both. Treated as immutable once handed out; every operation answers a new set.
 */
public final class FieldSet {
  private final TreeSet<PathElement> members;
  private final TreeMap<PathElement, FieldSet> children;

  FieldSet() {
    this(new TreeSet<>(), new TreeMap<>());
  }

  private FieldSet(TreeSet<PathElement> members, TreeMap<PathElement, FieldSet> children) {
    this.members = members;
    this.children = children;
  }

  /** The set of paths that consist of fields only, each written {@code a.b.c}. */
  public static FieldSet of(String... paths) {
    FieldSet set = new FieldSet();
    for (String path : paths) {
      List<PathElement> elements = new ArrayList<>();
      for (String name : path.split("\\.", -1)) {
        elements.add(PathElement.field(name));
      }
      set.insert(elements);
    }
    return set;
  }

  /**
   * Reads a fieldsV1 object.
   *
   * @throws IllegalArgumentException when a key is no path element
   */
  public static FieldSet parse(Map<?, ?> fieldsV1) {
    FieldSet set = new FieldSet();
    set.read(fieldsV1);
    return set;
  }

  /** Reads one level; answers whether that level says of itself that it is a member. */
  private boolean read(Map<?, ?> level) {
    boolean self = false;
    for (Map.Entry<?, ?> entry : level.entrySet()) {
      String key = (String) entry.getKey();
      if (key.equals(".")) {
        self = true;
        continue;
      }
      PathElement element = PathElement.parse(key);
      if (element == null) {
        continue;
      }
      Map<?, ?> below = entry.getValue() instanceof Map<?, ?> map ? map : Map.of();
      FieldSet child = new FieldSet();
      boolean member = child.read(below);
      if (member || child.isEmpty()) {
        members.add(element);
      }
      if (!child.isEmpty()) {
        children.put(element, child);
      }
    }
    return self;
  }

  /** As a fieldsV1 object, in the order of the real server. */
  public Map<String, @Nullable Object> toJson() {
    return toJson(false);
  }

  private Map<String, @Nullable Object> toJson(boolean self) {
    Map<String, @Nullable Object> level = new LinkedHashMap<>();
    if (self && !isEmpty()) {
      level.put(".", new LinkedHashMap<>());
    }
    TreeSet<PathElement> all = new TreeSet<>(members);
    all.addAll(children.keySet());
    for (PathElement element : all) {
      FieldSet child = children.get(element);
      level.put(
          element.serialize(),
          child == null ? new LinkedHashMap<>() : child.toJson(members.contains(element)));
    }
    return level;
  }

  /** Whether there is no path in it. */
  public boolean isEmpty() {
    return members.isEmpty() && children.isEmpty();
  }

  /** How many paths there are. */
  public int size() {
    int size = members.size();
    for (FieldSet child : children.values()) {
      size += child.size();
    }
    return size;
  }

  void insert(List<PathElement> path) {
    if (path.isEmpty()) {
      return;
    }
    FieldSet set = this;
    for (int i = 0; i < path.size() - 1; i++) {
      set = set.children.computeIfAbsent(path.get(i), e -> new FieldSet());
    }
    set.members.add(path.get(path.size() - 1));
  }

  boolean hasMember(PathElement element) {
    return members.contains(element);
  }

  /** Whether a path is a member. */
  public boolean has(List<PathElement> path) {
    if (path.isEmpty()) {
      return false;
    }
    FieldSet set = this;
    for (int i = 0; i < path.size() - 1; i++) {
      FieldSet child = set.children.get(path.get(i));
      if (child == null) {
        return false;
      }
      set = child;
    }
    return set.members.contains(path.get(path.size() - 1));
  }

  /** What is below a step; null when nothing is. */
  @Nullable FieldSet below(PathElement element) {
    return children.get(element);
  }

  Iterable<PathElement> members() {
    return members;
  }

  Map<PathElement, FieldSet> children() {
    return children;
  }

  /** All paths, in order: at each level the members, then what is below them. */
  public List<List<PathElement>> paths() {
    List<List<PathElement>> result = new ArrayList<>();
    walk(new ArrayList<>(), result::add);
    return result;
  }

  private void walk(List<PathElement> prefix, Consumer<List<PathElement>> visitor) {
    for (PathElement member : members) {
      List<PathElement> path = new ArrayList<>(prefix);
      path.add(member);
      visitor.accept(path);
    }
    for (Map.Entry<PathElement, FieldSet> child : children.entrySet()) {
      prefix.add(child.getKey());
      child.getValue().walk(prefix, visitor);
      prefix.remove(prefix.size() - 1);
    }
  }

  /** Paths of either. */
  public FieldSet union(FieldSet other) {
    TreeSet<PathElement> allMembers = new TreeSet<>(members);
    allMembers.addAll(other.members);
    TreeMap<PathElement, FieldSet> allChildren = new TreeMap<>(children);
    other.children.forEach((element, set) -> allChildren.merge(element, set, FieldSet::union));
    return new FieldSet(allMembers, allChildren);
  }

  /** Paths of both. */
  public FieldSet intersection(FieldSet other) {
    TreeSet<PathElement> common = new TreeSet<>(members);
    common.retainAll(other.members);
    TreeMap<PathElement, FieldSet> below = new TreeMap<>();
    children.forEach(
        (element, set) -> {
          FieldSet theirs = other.children.get(element);
          if (theirs != null) {
            FieldSet both = set.intersection(theirs);
            if (!both.isEmpty()) {
              below.put(element, both);
            }
          }
        });
    return new FieldSet(common, below);
  }

  /** Paths of this that the other does not have. */
  public FieldSet difference(FieldSet other) {
    return difference(other, false);
  }

  /** As {@link #difference}, and without all that lies below a path of the other. */
  public FieldSet recursiveDifference(FieldSet other) {
    return difference(other, true);
  }

  private FieldSet difference(FieldSet other, boolean recursive) {
    TreeSet<PathElement> rest = new TreeSet<>(members);
    rest.removeAll(other.members);
    TreeMap<PathElement, FieldSet> below = new TreeMap<>();
    children.forEach(
        (element, set) -> {
          if (recursive && other.members.contains(element)) {
            return;
          }
          FieldSet theirs = other.children.get(element);
          FieldSet remaining = theirs == null ? set : set.difference(theirs, recursive);
          if (!remaining.isEmpty()) {
            below.put(element, remaining);
          }
        });
    return new FieldSet(rest, below);
  }

  /**
   * Makes every declared field that has paths below it a member itself, so that an emptied struct
   * goes as a whole.
   */
  FieldSet withNamedFieldsAsMembers(@Nullable ApplyType type) {
    ApplyType.MapType map = type == null ? null : type.map();
    ApplyType.ListType list = type == null ? null : type.list();
    TreeSet<PathElement> allMembers = new TreeSet<>(members);
    TreeMap<PathElement, FieldSet> below = new TreeMap<>();
    children.forEach(
        (element, set) -> {
          String name = element.fieldName();
          ApplyType childType = null;
          if (name != null && map != null) {
            if (map.fields().containsKey(name)) {
              allMembers.add(element);
            }
            childType = map.typeOf(name);
          } else if (element.isKeys() && list != null) {
            childType = list.element();
          }
          below.put(element, set.withNamedFieldsAsMembers(childType));
        });
    return new FieldSet(allMembers, below);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldSet set
        && members.equals(set.members)
        && children.equals(set.children);
  }

  @Override
  public int hashCode() {
    return members.hashCode() * 31 + children.hashCode();
  }

  /** One path a line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (List<PathElement> path : paths()) {
      path.forEach(text::append);
      text.append('\n');
    }
    return text.toString();
  }

  /** A path as messages show it: {@code .spec.containers[name="c"].image}. */
  public static String pathText(List<PathElement> path) {
    StringBuilder text = new StringBuilder();
    path.forEach(text::append);
    return text.toString();
  }
}
