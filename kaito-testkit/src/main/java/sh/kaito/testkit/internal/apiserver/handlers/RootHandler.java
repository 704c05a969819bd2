package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.api.Discovery;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.json.Json;

/** Paths that name no resource: discovery, version, health. Thread-safe. */
public final class RootHandler {
  private static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  private static final List<String> CHECKS = List.of("ping", "log", "etcd", "informer-sync");

  private final Registry registry;
  private final Discovery discovery;
  private final OpenApi openApi;
  private volatile String address = "127.0.0.1:443";

  public RootHandler(Registry registry) {
    this.registry = registry;
    this.discovery = new Discovery(registry);
    this.openApi = new OpenApi(registry);
  }

  /** Host and port that {@code /api} tells. */
  public void address(String hostAndPort) {
    this.address = hostAndPort;
  }

  /** Null when the path is unknown here. */
  public @Nullable KubeResponse handle(KubeRequest request) {
    String path = request.path();
    String trimmed =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    KubeResponse answer = answer(request, trimmed);
    if (answer != null && !request.method().equals("GET") && !request.method().equals("HEAD")) {
      throw ApiFailure.methodNotAllowed();
    }
    return answer;
  }

  private @Nullable KubeResponse answer(KubeRequest request, String path) {
    if (path.startsWith("/openapi/")) {
      return openApi.handle(request, path);
    }
    switch (path) {
      case "/", "" -> {
        return json(Json.objectOf("paths", paths()));
      }
      case "/version" -> {
        return json(version());
      }
      case "/api" -> {
        return wantsAggregated(request)
            ? typed(AGGREGATED, discovery.aggregated(true))
            : json(discovery.coreVersions(address));
      }
      case "/apis" -> {
        return wantsAggregated(request)
            ? typed(AGGREGATED, discovery.aggregated(false))
            : json(discovery.groupList());
      }
      default -> {
        String[] parts = path.substring(1).split("/", -1);
        return switch (parts[0]) {
          case "healthz", "livez", "readyz" -> health(request, parts);
          case "api" -> parts.length == 2 ? resources("", parts[1]) : null;
          case "apis" -> apis(parts);
          default -> null;
        };
      }
    }
  }

  private @Nullable KubeResponse apis(String[] parts) {
    if (parts.length == 2) {
      Map<String, Object> group = discovery.group(parts[1]);
      return group == null ? null : json(group);
    }
    return parts.length == 3 ? resources(parts[1], parts[2]) : null;
  }

  private @Nullable KubeResponse resources(String group, String version) {
    Map<String, Object> list = discovery.resources(group, version);
    if (list != null) {
      return json(list);
    }
    if (registry.isBuiltIn(group)) {
      throw ApiFailure.unknownResource();
    }
    return null;
  }

  private static boolean wantsAggregated(KubeRequest request) {
    Optional<String> accept = request.header("Accept");
    return accept.isPresent()
        && accept.get().contains("as=APIGroupDiscoveryList")
        && accept.get().contains("g=apidiscovery.k8s.io")
        && accept.get().contains("v=v2");
  }

  private List<Object> paths() {
    List<Object> paths = new ArrayList<>();
    paths.add("/api");
    paths.add("/api/v1");
    paths.add("/apis");
    registry
        .groups()
        .forEach(
            (group, versions) -> {
              if (!group.isEmpty()) {
                paths.add("/apis/" + group);
                versions.forEach(version -> paths.add("/apis/" + group + "/" + version));
              }
            });
    paths.addAll(
        List.of("/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"));
    return paths;
  }

  private static Map<String, Object> version() {
    return Json.objectOf(
        "major", "1",
        "minor", "35",
        "gitVersion", "v1.35.4",
        "gitCommit", "embedded",
        "gitTreeState", "clean",
        "buildDate", "2026-01-01T00:00:00Z",
        "goVersion", "java" + Runtime.version().feature(),
        "compiler", "javac",
        "platform", "jvm/any");
  }

  private static @Nullable KubeResponse health(KubeRequest request, String[] parts) {
    if (parts.length == 2 && CHECKS.contains(parts[1])) {
      return text(200, "ok");
    }
    if (parts.length != 1) {
      return null;
    }
    if (request.query("verbose").isEmpty()) {
      return text(200, "ok");
    }
    StringBuilder lines = new StringBuilder();
    CHECKS.forEach(check -> lines.append("[+]").append(check).append(" ok\n"));
    return text(200, lines.append(parts[0]).append(" check passed\n").toString());
  }

  private static KubeResponse json(Map<String, Object> body) {
    return typed("application/json", body);
  }

  private static KubeResponse typed(String contentType, Map<String, Object> body) {
    return KubeResponse.of(200, Map.of("Content-Type", List.of(contentType)), Json.write(body));
  }

  /** Plain text, as Go's muxer answers. */
  public static KubeResponse text(int status, String text) {
    return KubeResponse.of(
        status,
        Map.of("Content-Type", List.of("text/plain; charset=utf-8")),
        text.getBytes(StandardCharsets.UTF_8));
  }
}
