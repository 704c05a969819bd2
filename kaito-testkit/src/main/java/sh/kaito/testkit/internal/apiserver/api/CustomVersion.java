package sh.kaito.testkit.internal.apiserver.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * One version of a custom resource definition. Immutable; a change of the definition makes a new
 * one.
 *
 * @param crdName name of the definition, {@code workspaces.kaito.sh}
 * @param spec the entry of {@code spec.versions}
 * @param storage the entry of the version that objects are stored in
 * @param deprecation the warning that each request to this version gets; null when it is not
 *     deprecated
 * @param terminating whether the definition is being deleted, so that creations are refused
 */
public record CustomVersion(
    String crdName,
    Map<String, Object> spec,
    Map<String, Object> storage,
    @Nullable String deprecation,
    boolean terminating) {

  /** {@code schema.openAPIV3Schema}; empty when there is none. */
  public Map<String, Object> schema() {
    return schemaOf(spec);
  }

  /** The schema of the version that objects are stored in. */
  public Map<String, Object> storageSchema() {
    return schemaOf(storage);
  }

  /** Name of the version that objects are stored in. */
  public String storageVersion() {
    return Json.text(storage, "name");
  }

  /** Whether objects are stored in this version. */
  public boolean isStorage() {
    return Json.isTrue(spec, "storage");
  }

  private static Map<String, Object> schemaOf(Map<String, Object> version) {
    Map<String, Object> schema = Json.object(version, "schema", "openAPIV3Schema");
    return schema == null ? Map.of() : schema;
  }

  /** Whether {@code /status} exists. */
  public boolean hasStatus() {
    return Json.get(spec, "subresources", "status") != null;
  }

  /** {@code subresources.scale}; null when there is none. */
  public @Nullable Map<String, Object> scale() {
    return Json.object(spec, "subresources", "scale");
  }

  /** {@code additionalPrinterColumns}. */
  public List<Map<String, Object>> printerColumns() {
    List<Map<String, Object>> columns = new ArrayList<>();
    List<Object> list = Json.list(spec, "additionalPrinterColumns");
    if (list != null) {
      for (Object entry : list) {
        Map<String, Object> column = Json.asObject(entry);
        if (column != null) {
          columns.add(column);
        }
      }
    }
    return columns;
  }

  /** JSON paths of {@code selectableFields}, with their leading dot. */
  public List<String> selectableFields() {
    List<String> paths = new ArrayList<>();
    List<Object> list = Json.list(spec, "selectableFields");
    if (list != null) {
      for (Object entry : list) {
        paths.add(Json.text(entry, "jsonPath"));
      }
    }
    return paths;
  }

  /** The author's warning, or one that names the version to use instead. */
  private static @Nullable String deprecation(
      Map<String, Object> crd, Map<String, Object> version, List<Map<String, Object>> versions) {
    if (!Json.isTrue(version, "deprecated")) {
      return null;
    }
    String text = Json.string(version, "deprecationWarning");
    if (text != null) {
      return text;
    }
    String group = Json.text(crd, "spec", "group");
    String kind = Json.text(crd, "spec", "names", "kind");
    String name = Json.text(version, "name");
    String warning = group + "/" + name + " " + kind + " is deprecated";
    return versions.stream()
        .filter(other -> Json.isTrue(other, "served") && !Json.isTrue(other, "deprecated"))
        .map(other -> Json.text(other, "name"))
        .filter(other -> VersionOrder.PREFERRED_FIRST.compare(other, name) < 0)
        .min(VersionOrder.PREFERRED_FIRST)
        .map(better -> warning + "; use " + group + "/" + better + " " + kind)
        .orElse(warning);
  }

  /**
   * The types that a definition serves, one per served version.
   *
   * @param crd a CustomResourceDefinition of apiextensions.k8s.io/v1 of which names are accepted
   */
  public static List<ResourceType> typesOf(Map<String, Object> crd) {
    String group = Json.text(crd, "spec", "group");
    boolean namespaced = "Namespaced".equals(Json.string(crd, "spec", "scope"));
    // Names that are asked for but taken by others are not served.
    Map<String, Object> names = Json.object(crd, "status", "acceptedNames");
    String plural = Json.text(names, "plural");
    String kind = Json.text(names, "kind");
    String listKind = Json.text(names, "listKind");
    String singular = Json.text(names, "singular");
    boolean terminating = Json.get(crd, "metadata", "deletionTimestamp") != null;
    List<Map<String, Object>> versions = versions(crd);
    List<ResourceType> types = new ArrayList<>();
    Map<String, Object> storage =
        versions.stream()
            .filter(version -> Json.isTrue(version, "storage"))
            .findFirst()
            .orElse(Map.of());
    for (Map<String, Object> version : versions) {
      if (!Json.isTrue(version, "served")) {
        continue;
      }
      CustomVersion custom =
          new CustomVersion(
              Json.text(crd, "metadata", "name"),
              version,
              storage,
              deprecation(crd, version, versions),
              terminating);
      Map<String, ResourceType.Subresource> subresources = new LinkedHashMap<>();
      List<String> verbs = List.of("get", "patch", "update");
      if (custom.hasStatus()) {
        subresources.put("status", new ResourceType.Subresource("status", "", "", kind, verbs));
      }
      if (custom.scale() != null) {
        subresources.put(
            "scale", new ResourceType.Subresource("scale", "autoscaling", "v1", "Scale", verbs));
      }
      types.add(
          new ResourceType(
              group,
              Json.text(version, "name"),
              plural,
              singular.isEmpty() ? kind.toLowerCase(java.util.Locale.ROOT) : singular,
              kind,
              listKind.isEmpty() ? kind + "List" : listKind,
              namespaced,
              terminating
                  ? List.of("delete", "deletecollection", "get", "list", "watch")
                  : List.of(
                      "delete",
                      "deletecollection",
                      "get",
                      "list",
                      "patch",
                      "create",
                      "update",
                      "watch"),
              strings(Json.list(names, "shortNames")),
              strings(Json.list(names, "categories")),
              subresources,
              ResourceType.storage(group, plural),
              custom));
    }
    return types;
  }

  private static List<Map<String, Object>> versions(Map<String, Object> crd) {
    List<Map<String, Object>> versions = new ArrayList<>();
    List<Object> list = Json.list(crd, "spec", "versions");
    if (list != null) {
      for (Object entry : list) {
        Map<String, Object> version = Json.asObject(entry);
        if (version != null) {
          versions.add(version);
        }
      }
    }
    return versions;
  }

  private static List<String> strings(@Nullable List<Object> list) {
    return list == null ? List.of() : list.stream().map(String::valueOf).toList();
  }
}
