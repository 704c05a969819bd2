package sh.kaito.testkit.internal.apiserver.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** The discovery documents, legacy and aggregated ({@code apidiscovery.k8s.io/v2}). */
public final class Discovery {
  private final Registry registry;

  public Discovery(Registry registry) {
    this.registry = registry;
  }

  /** {@code /api}. */
  public Map<String, Object> coreVersions(String serverAddress) {
    return Json.objectOf(
        "kind",
        "APIVersions",
        "versions",
        List.of("v1"),
        "serverAddressByClientCIDRs",
        List.of(Json.objectOf("clientCIDR", "0.0.0.0/0", "serverAddress", serverAddress)));
  }

  /** {@code /apis}. */
  public Map<String, Object> groupList() {
    List<Object> groups = new ArrayList<>();
    registry
        .groups()
        .forEach(
            (name, versions) -> {
              if (!name.isEmpty()) {
                groups.add(entry(name, versions));
              }
            });
    return Json.objectOf("kind", "APIGroupList", "apiVersion", "v1", "groups", groups);
  }

  /** {@code /apis/GROUP}; null when there is no such group. */
  public @Nullable Map<String, Object> group(String name) {
    Set<String> versions = registry.groups().get(name);
    if (versions == null || name.isEmpty()) {
      return null;
    }
    Map<String, Object> group = Json.objectOf("kind", "APIGroup", "apiVersion", "v1");
    group.putAll(entry(name, versions));
    return group;
  }

  private static Map<String, Object> entry(String name, Set<String> versions) {
    List<Object> list = new ArrayList<>();
    for (String version : versions) {
      list.add(Json.objectOf("groupVersion", name + "/" + version, "version", version));
    }
    return Json.objectOf("name", name, "versions", list, "preferredVersion", list.get(0));
  }

  /** {@code /api/v1} and {@code /apis/GROUP/VERSION}; null when there is no such version. */
  public @Nullable Map<String, Object> resources(String group, String version) {
    List<ResourceType> types = registry.of(group, version);
    if (types.isEmpty()) {
      return null;
    }
    Map<String, Object> list = Json.objectOf("kind", "APIResourceList");
    if (!group.isEmpty()) {
      list.put("apiVersion", "v1");
    }
    list.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    List<Object> resources = new ArrayList<>();
    for (ResourceType type : types) {
      resources.add(legacy(type));
      type.subresources().values().forEach(sub -> resources.add(legacy(type, sub)));
    }
    list.put("resources", resources);
    return list;
  }

  private static Map<String, Object> legacy(ResourceType type) {
    Map<String, Object> entry =
        Json.objectOf(
            "name", type.plural(),
            "singularName", type.singular(),
            "namespaced", type.namespaced(),
            "kind", type.kind(),
            "verbs", type.verbs());
    putList(entry, "shortNames", type.shortNames());
    putList(entry, "categories", type.categories());
    if (type.verbs().contains("list")) {
      entry.put("storageVersionHash", storageVersionHash(type));
    }
    return entry;
  }

  private static Map<String, Object> legacy(ResourceType type, ResourceType.Subresource sub) {
    Map<String, Object> entry =
        Json.objectOf(
            "name",
            type.plural() + "/" + sub.name(),
            "singularName",
            "",
            "namespaced",
            type.namespaced());
    if (!sub.version().isEmpty()) {
      entry.put("group", sub.group());
      entry.put("version", sub.version());
    }
    entry.put("kind", sub.kind());
    entry.put("verbs", sub.verbs());
    return entry;
  }

  /** First eight bytes of the SHA-256 of group, version and kind, as the real server has it. */
  private static String storageVersionHash(ResourceType type) {
    CustomVersion custom = type.custom();
    String version = custom == null ? type.version() : custom.storageVersion();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  (type.group() + "/" + version + "/" + type.kind())
                      .getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(Arrays.copyOf(hash, 8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Aggregated discovery of {@code /api} (core group) or {@code /apis} (all others). */
  public Map<String, Object> aggregated(boolean core) {
    List<Object> items = new ArrayList<>();
    registry
        .groups()
        .forEach(
            (name, versions) -> {
              if (name.isEmpty() == core) {
                items.add(aggregatedGroup(name, versions));
              }
            });
    return Json.objectOf(
        "kind",
        "APIGroupDiscoveryList",
        "apiVersion",
        "apidiscovery.k8s.io/v2",
        "metadata",
        Json.newObject(),
        "items",
        items);
  }

  private Map<String, Object> aggregatedGroup(String name, Set<String> versions) {
    List<Object> list = new ArrayList<>();
    for (String version : versions) {
      List<Object> resources = new ArrayList<>();
      registry.of(name, version).forEach(type -> resources.add(aggregated(type)));
      list.add(Json.objectOf("version", version, "resources", resources, "freshness", "Current"));
    }
    Map<String, Object> metadata = Json.newObject();
    if (!name.isEmpty()) {
      metadata.put("name", name);
    }
    return Json.objectOf("metadata", metadata, "versions", list);
  }

  private static Map<String, Object> aggregated(ResourceType type) {
    Map<String, Object> entry =
        Json.objectOf(
            "resource",
            type.plural(),
            "responseKind",
            kind(
                type.isCustom() ? type.group() : "",
                type.isCustom() ? type.version() : "",
                type.kind()),
            "scope",
            type.namespaced() ? "Namespaced" : "Cluster",
            "singularResource",
            type.singular(),
            "verbs",
            type.verbs());
    putList(entry, "shortNames", type.shortNames());
    putList(entry, "categories", type.categories());
    List<Object> subs = new ArrayList<>();
    for (ResourceType.Subresource sub : type.subresources().values()) {
      boolean own = sub.version().isEmpty() && type.isCustom();
      subs.add(
          Json.objectOf(
              "subresource",
              sub.name(),
              "responseKind",
              kind(
                  own ? type.group() : sub.group(),
                  own ? type.version() : sub.version(),
                  sub.kind()),
              "verbs",
              sub.verbs()));
    }
    if (!subs.isEmpty()) {
      entry.put("subresources", subs);
    }
    return entry;
  }

  private static Map<String, Object> kind(String group, String version, String kind) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("group", group);
    map.put("version", version);
    map.put("kind", kind);
    return map;
  }

  private static void putList(Map<String, Object> target, String key, List<String> values) {
    if (!values.isEmpty()) {
      target.put(key, values);
    }
  }
}
