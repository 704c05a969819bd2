package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.json.Json;

/** {@code /openapi/v2} and {@code /openapi/v3}. */
final class OpenApi {
  private final Registry registry;

  OpenApi(Registry registry) {
    this.registry = registry;
  }

  /** Null when there is no such document. */
  @Nullable KubeResponse handle(KubeRequest request, String path) {
    if (path.equals("/openapi/v3")) {
      Map<String, Object> paths = Json.newObject();
      registry
          .groups()
          .forEach(
              (group, versions) ->
                  versions.forEach(
                      version -> {
                        String name =
                            group.isEmpty() ? "api/" + version : "apis/" + group + "/" + version;
                        paths.put(name, Json.objectOf("serverRelativeURL", "/openapi/v3/" + name));
                      }));
      return KubeResponse.of(
          200,
          Map.of("Content-Type", List.of("text/plain; charset=utf-8")),
          Json.writeString(Json.objectOf("paths", paths)).getBytes(StandardCharsets.UTF_8));
    }
    if (path.startsWith("/openapi/v3/")) {
      return KubeResponse.of(404, Map.of(), new byte[0]);
    }
    return null;
  }
}
