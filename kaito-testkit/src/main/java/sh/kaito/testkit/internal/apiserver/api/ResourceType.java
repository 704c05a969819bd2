package sh.kaito.testkit.internal.apiserver.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One resource in one version: what its paths look like and what may be done to it. Immutable.
 *
 * @param group API group; empty is the core group
 * @param version version of the paths, {@code v1}
 * @param plural name in paths
 * @param singular what {@code kubectl} accepts besides; empty for subresources
 * @param kind kind of one object
 * @param listKind kind of a list
 * @param namespaced whether paths name a namespace
 * @param verbs in the order of the discovery document
 * @param subresources by name
 * @param storage name of the table that holds the objects; versions of one resource share it
 * @param custom the version of the custom resource definition; null for built-in types
 */
public record ResourceType(
    String group,
    String version,
    String plural,
    String singular,
    String kind,
    String listKind,
    boolean namespaced,
    List<String> verbs,
    List<String> shortNames,
    List<String> categories,
    Map<String, Subresource> subresources,
    String storage,
    @Nullable CustomVersion custom) {

  /** A subresource; group and version are those of its body's kind where they differ. */
  public record Subresource(
      String name, String group, String version, String kind, List<String> verbs) {}

  /** {@code apiVersion} of objects. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Group of the version that objects are kept in; events of two groups are kept in one. */
  public String storageGroup() {
    int dot = storage.indexOf('.');
    return dot < 0 ? "" : storage.substring(dot + 1);
  }

  /** Whether a custom resource definition made it. */
  public boolean isCustom() {
    return custom != null;
  }

  /** The table name of a group's resource. */
  public static String storage(String group, String plural) {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /** Key of an object in the store. */
  public String key(@Nullable String namespace, String name) {
    return namespaced ? (namespace == null ? "" : namespace) + "/" + name : name;
  }
}
