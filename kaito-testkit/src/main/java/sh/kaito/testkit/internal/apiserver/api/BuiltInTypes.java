package sh.kaito.testkit.internal.apiserver.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * The resources of a plain kube-apiserver 1.35, from its own aggregated discovery document, which
 * is shipped as {@code resources.json}.
 */
final class BuiltInTypes {
  private static final String RESOURCE = "/sh/kaito/testkit/internal/apiserver/resources.json";

  private BuiltInTypes() {}

  /** In discovery order. */
  static List<ResourceType> load() {
    List<ResourceType> types = new ArrayList<>();
    for (Object group : items(read(), "groups")) {
      String groupName = Json.text(group, "group");
      for (Object version : items(group, "versions")) {
        String versionName = Json.text(version, "version");
        for (Object resource : items(version, "resources")) {
          types.add(type(groupName, versionName, resource));
        }
      }
    }
    return types;
  }

  private static Map<String, Object> read() {
    try (InputStream in = BuiltInTypes.class.getResourceAsStream(RESOURCE)) {
      byte[] bytes =
          Objects.requireNonNull(in, RESOURCE + " is not on the class path").readAllBytes();
      return Json.objectOf("groups", Json.parse(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }

  private static List<Object> items(@Nullable Object parent, String key) {
    List<Object> list = Json.list(parent, key);
    return list == null ? List.of() : list;
  }

  private static List<String> strings(@Nullable Object parent, String key) {
    return items(parent, key).stream().map(String::valueOf).toList();
  }

  private static ResourceType type(String group, String version, @Nullable Object resource) {
    String plural = Json.text(resource, "resource");
    String kind = Json.text(resource, "responseKind", "kind");
    Map<String, ResourceType.Subresource> subresources = new LinkedHashMap<>();
    for (Object sub : items(resource, "subresources")) {
      String name = Json.text(sub, "subresource");
      subresources.put(
          name,
          new ResourceType.Subresource(
              name,
              Json.text(sub, "responseKind", "group"),
              Json.text(sub, "responseKind", "version"),
              Json.text(sub, "responseKind", "kind"),
              strings(sub, "verbs")));
    }
    return new ResourceType(
        group,
        version,
        plural,
        Json.text(resource, "singularResource"),
        kind,
        kind + "List",
        "Namespaced".equals(Json.string(resource, "scope")),
        strings(resource, "verbs"),
        strings(resource, "shortNames"),
        strings(resource, "categories"),
        subresources,
        storage(group, plural),
        null);
  }

  /** Events of the two groups are the same objects. */
  private static String storage(String group, String plural) {
    return group.equals("events.k8s.io") ? plural : ResourceType.storage(group, plural);
  }
}
