package sh.kaito.testkit.internal.apiserver.handlers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/**
 * {@code /openapi/v2} and {@code /openapi/v3}: the schemas of the real server ({@code
 * openapi-schemas.json}) and of custom resources, under just as many paths as clients need to find
 * a kind and to see that the server validates fields.
 */
final class OpenApi {
  private static final String RESOURCE =
      "/sh/kaito/testkit/internal/apiserver/openapi-schemas.json";
  private static final String REF = "#/components/schemas/";
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
  private static final String GVK = "x-kubernetes-group-version-kind";

  /** Read when first asked for: most tests never do. */
  private static final class Holder {
    static final Map<String, Object> SCHEMAS = load();

    private static Map<String, Object> load() {
      try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
        Object root =
            Json.parse(
                Objects.requireNonNull(in, RESOURCE + " is not on the class path").readAllBytes());
        return Collections.unmodifiableMap(Objects.requireNonNull(Json.asObject(root)));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + RESOURCE, e);
      }
    }
  }

  private final Registry registry;

  OpenApi(Registry registry) {
    this.registry = registry;
  }

  /** Null when there is no such document. */
  @Nullable KubeResponse handle(KubeRequest request, String path) {
    if (path.equals("/openapi/v3")) {
      return answer("text/plain; charset=utf-8", index());
    }
    if (path.startsWith("/openapi/v3/")) {
      Map<String, Object> document = document(path.substring("/openapi/v3/".length()));
      return document == null
          ? KubeResponse.of(404, Map.of(), new byte[0])
          : answer("application/json", document);
    }
    return path.equals("/openapi/v2") ? answer("application/json", version2()) : null;
  }

  private static KubeResponse answer(String contentType, Map<String, Object> body) {
    return KubeResponse.of(
        200,
        Map.of("Content-Type", List.of(contentType)),
        Json.writeString(body).getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, Object> index() {
    Map<String, Object> paths = Json.newObject();
    registry
        .groups()
        .forEach(
            (group, versions) ->
                versions.forEach(
                    version -> {
                      String name = prefix(group, version).substring(1);
                      paths.put(name, Json.objectOf("serverRelativeURL", "/openapi/v3/" + name));
                    }));
    return Json.objectOf("paths", paths);
  }

  private static String prefix(String group, String version) {
    return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
  }

  private static Map<String, Object> info() {
    return Json.objectOf("title", "Kubernetes", "version", "v1.35.4");
  }

  private @Nullable Map<String, Object> document(String name) {
    String[] parts = name.split("/", -1);
    List<ResourceType> types;
    if (parts.length == 2 && parts[0].equals("api")) {
      types = registry.of("", parts[1]);
    } else if (parts.length == 3 && parts[0].equals("apis")) {
      types = registry.of(parts[1], parts[2]);
    } else {
      return null;
    }
    if (types.isEmpty()) {
      return null;
    }
    Map<String, Object> schemas = new LinkedHashMap<>();
    Map<String, Object> paths = Json.newObject();
    for (ResourceType type : types) {
      addPaths(type, paths);
      addSchema(type, schemas);
    }
    return Json.objectOf(
        "openapi",
        "3.0.0",
        "info",
        info(),
        "paths",
        paths,
        "components",
        Json.objectOf("schemas", schemas));
  }

  private static void addPaths(ResourceType type, Map<String, Object> paths) {
    String base =
        prefix(type.group(), type.version())
            + (type.namespaced() ? "/namespaces/{namespace}/" : "/")
            + type.plural();
    Map<String, Object> gvk = gvk(type);
    List<Object> parameters = new ArrayList<>();
    for (String parameter : Arrays.asList("dryRun", "fieldManager", "fieldValidation")) {
      parameters.add(
          Json.objectOf(
              "name", parameter, "in", "query", "schema", Json.objectOf("type", "string")));
    }
    paths.put(
        base,
        Json.objectOf(
            "get", Json.objectOf(GVK, gvk),
            "post", Json.objectOf("parameters", parameters, GVK, gvk)));
    paths.put(
        base + "/{name}",
        Json.objectOf(
            "get", Json.objectOf(GVK, gvk),
            "put", Json.objectOf("parameters", parameters, GVK, gvk),
            "patch", Json.objectOf("parameters", parameters, GVK, gvk)));
  }

  private static Map<String, Object> gvk(ResourceType type) {
    return Json.objectOf("group", type.group(), "kind", type.kind(), "version", type.version());
  }

  private static void addSchema(ResourceType type, Map<String, Object> schemas) {
    CustomVersion custom = type.custom();
    if (custom != null) {
      schemas.put(schemaName(type), customSchema(type, custom));
      addReferenced(META, schemas);
      return;
    }
    for (Map.Entry<String, Object> entry : Holder.SCHEMAS.entrySet()) {
      List<Object> kinds = Json.list(entry.getValue(), GVK);
      if (kinds != null && kinds.contains(gvk(type))) {
        addReferenced(entry.getKey(), schemas);
      }
    }
  }

  /** {@code sh.kaito.v1.Workspace} of {@code kaito.sh/v1}. */
  private static String schemaName(ResourceType type) {
    List<String> parts = new ArrayList<>(Arrays.asList(type.group().split("\\.", -1)));
    Collections.reverse(parts);
    return String.join(".", parts) + "." + type.version() + "." + type.kind();
  }

  private static Map<String, Object> customSchema(ResourceType type, CustomVersion custom) {
    Map<String, Object> schema = new LinkedHashMap<>(custom.schema());
    Map<String, Object> properties = Json.newObject();
    Map<String, Object> own = Json.object(schema, "properties");
    if (own != null) {
      properties.putAll(own);
    }
    Map<String, Object> meta = Json.asObject(Holder.SCHEMAS.get("io.k8s.api.core.v1.ConfigMap"));
    for (String field : List.of("apiVersion", "kind", "metadata")) {
      properties.put(field, Json.get(meta, "properties", field));
    }
    schema.put("properties", properties);
    schema.put(GVK, List.of(gvk(type)));
    return schema;
  }

  private static void addReferenced(String name, Map<String, Object> schemas) {
    if (schemas.containsKey(name) || !Holder.SCHEMAS.containsKey(name)) {
      return;
    }
    Object schema = Holder.SCHEMAS.get(name);
    schemas.put(name, schema);
    visit(schema, schemas);
  }

  private static void visit(@Nullable Object node, Map<String, Object> schemas) {
    if (node instanceof Map<?, ?> map) {
      Object reference = map.get("$ref");
      if (reference instanceof String text && text.startsWith(REF)) {
        addReferenced(text.substring(REF.length()), schemas);
      }
      map.values().forEach(value -> visit(value, schemas));
    } else if (node instanceof List<?> list) {
      list.forEach(value -> visit(value, schemas));
    }
  }

  private Map<String, Object> version2() {
    Map<String, Object> schemas = new LinkedHashMap<>();
    Map<String, Object> paths = Json.newObject();
    for (ResourceType type : registry.all()) {
      addPaths(type, paths);
      addSchema(type, schemas);
    }
    return OpenApiV2.document(info(), paths, schemas);
  }
}
