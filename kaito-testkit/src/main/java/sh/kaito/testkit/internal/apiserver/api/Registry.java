package sh.kaito.testkit.internal.apiserver.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which resources exist: the built-in ones and those of the definitions installed so far.
 * Thread-safe; readers see one immutable state.
 */
public final class Registry {
  private static final List<ResourceType> BUILT_IN = BuiltInTypes.load();

  private record State(
      Map<String, List<ResourceType>> definitions,
      Map<String, ResourceType> byPath,
      List<ResourceType> all) {}

  private volatile State state = state(Map.of());

  private static State state(Map<String, List<ResourceType>> definitions) {
    Map<String, ResourceType> byPath = new LinkedHashMap<>();
    List<ResourceType> all = new ArrayList<>(BUILT_IN);
    List<ResourceType> custom = new ArrayList<>();
    definitions.values().forEach(custom::addAll);
    custom.sort(
        Comparator.comparing(ResourceType::group)
            .thenComparing(ResourceType::version, VersionOrder.PREFERRED_FIRST)
            .thenComparing(ResourceType::plural));
    all.addAll(custom);
    all.forEach(type -> byPath.put(path(type.group(), type.version(), type.plural()), type));
    return new State(definitions, byPath, List.copyOf(all));
  }

  private static String path(String group, String version, String plural) {
    return group + "/" + version + "/" + plural;
  }

  /** The resource at a path; null when there is none. */
  public @Nullable ResourceType find(String group, String version, String plural) {
    return state.byPath.get(path(group, version, plural));
  }

  /** All resources in discovery order. */
  public List<ResourceType> all() {
    return state.all;
  }

  /** Resources of a group and version in discovery order. */
  public List<ResourceType> of(String group, String version) {
    return state.all.stream()
        .filter(type -> type.group().equals(group) && type.version().equals(version))
        .toList();
  }

  /** Groups in discovery order, the core group included, with their versions, preferred first. */
  public Map<String, Set<String>> groups() {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (ResourceType type : state.all) {
      groups.computeIfAbsent(type.group(), name -> new LinkedHashSet<>()).add(type.version());
    }
    return groups;
  }

  /** Whether the server has this group without any definition. */
  public boolean isBuiltIn(String group) {
    return BUILT_IN.stream().anyMatch(type -> type.group().equals(group));
  }

  /** The first resource that is kept in a table. */
  public @Nullable ResourceType ofStorage(String storage) {
    return state.all.stream()
        .filter(type -> type.storage().equals(storage))
        .findFirst()
        .orElse(null);
  }

  /** The resource that holds objects of a kind; null when none does. */
  public @Nullable ResourceType ofKind(String apiVersion, String kind) {
    ResourceType ofGroup = null;
    String group = apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
    for (ResourceType type : state.all) {
      if (type.kind().equals(kind) && type.group().equals(group)) {
        if (type.apiVersion().equals(apiVersion)) {
          return type;
        }
        ofGroup = ofGroup == null ? type : ofGroup;
      }
    }
    return ofGroup;
  }

  /** Sets the resources of a definition, replacing those it had. */
  public synchronized void install(String definition, Collection<ResourceType> types) {
    TreeMap<String, List<ResourceType>> next = new TreeMap<>(state.definitions);
    next.put(definition, List.copyOf(types));
    state = state(next);
  }

  /** Takes a definition's resources away. */
  public synchronized void remove(String definition) {
    TreeMap<String, List<ResourceType>> next = new TreeMap<>(state.definitions);
    next.remove(definition);
    state = state(next);
  }
}
