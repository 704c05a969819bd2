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
 * @param terminating whether the definition is being deleted, so that creations are refused
 */
public record CustomVersion(
    String crdName, Map<String, Object> spec, String storageVersion, boolean terminating) {

  /** {@code schema.openAPIV3Schema}; empty when there is none. */
  public Map<String, Object> schema() {
    Map<String, Object> schema = Json.object(spec, "schema", "openAPIV3Schema");
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

  /** The warning that each request to this version gets; null when it is not deprecated. */
  public @Nullable String deprecationWarning(String group, String version, String kind) {
    if (!Json.isTrue(spec, "deprecated")) {
      return null;
    }
    String text = Json.string(spec, "deprecationWarning");
    return text != null ? text : group + "/" + version + " " + kind + " is deprecated";
  }

  /**
   * The types that a definition serves, one per served version.
   *
   * @param crd a CustomResourceDefinition of apiextensions.k8s.io/v1 with its defaults set
   */
  public static List<ResourceType> typesOf(Map<String, Object> crd) {
    String group = Json.text(crd, "spec", "group");
    boolean namespaced = "Namespaced".equals(Json.string(crd, "spec", "scope"));
    String plural = Json.text(crd, "spec", "names", "plural");
    String kind = Json.text(crd, "spec", "names", "kind");
    String listKind = Json.text(crd, "spec", "names", "listKind");
    String singular = Json.text(crd, "spec", "names", "singular");
    boolean terminating = Json.get(crd, "metadata", "deletionTimestamp") != null;
    List<Object> versions = Json.list(crd, "spec", "versions");
    List<ResourceType> types = new ArrayList<>();
    if (versions == null) {
      return types;
    }
    String storageVersion = "";
    for (Object version : versions) {
      if (Json.isTrue(version, "storage")) {
        storageVersion = Json.text(version, "name");
      }
    }
    for (Object entry : versions) {
      Map<String, Object> version = Json.asObject(entry);
      if (version == null || !Json.isTrue(version, "served")) {
        continue;
      }
      CustomVersion custom =
          new CustomVersion(
              Json.text(crd, "metadata", "name"), version, storageVersion, terminating);
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
              strings(Json.list(crd, "spec", "names", "shortNames")),
              strings(Json.list(crd, "spec", "names", "categories")),
              subresources,
              ResourceType.storage(group, plural),
              custom));
    }
    return types;
  }

  private static List<String> strings(@Nullable List<Object> list) {
    return list == null ? List.of() : list.stream().map(String::valueOf).toList();
  }
}
