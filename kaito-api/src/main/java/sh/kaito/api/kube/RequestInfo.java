package sh.kaito.api.kube;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request is about, read from method, path and query as kube-apiserver reads them (its
 * RequestInfo): the verb of RBAC, the API group and version, namespace, resource, subresource and
 * name. Immutable.
 */
public final class RequestInfo {
  private final String verb;
  private final boolean resourceRequest;
  private final String group;
  private final String version;
  private final @Nullable String namespace;
  private final String resource;
  private final @Nullable String name;
  private final @Nullable String subresource;

  private RequestInfo(
      String verb,
      boolean resourceRequest,
      String group,
      String version,
      @Nullable String namespace,
      String resource,
      @Nullable String name,
      @Nullable String subresource) {
    this.verb = verb;
    this.resourceRequest = resourceRequest;
    this.group = group;
    this.version = version;
    this.namespace = namespace;
    this.resource = resource;
    this.name = name;
    this.subresource = subresource;
  }

  /** Reads a request. */
  public static RequestInfo of(KubeRequest request) {
    List<String> segments = new ArrayList<>();
    for (String segment : request.path().split("/", -1)) {
      if (!segment.isEmpty()) {
        segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
      }
    }
    String method = request.method();
    int at;
    String group;
    if (segments.size() > 2 && segments.get(0).equals("api")) {
      group = "";
      at = 1;
    } else if (segments.size() > 3 && segments.get(0).equals("apis")) {
      group = segments.get(1);
      at = 2;
    } else {
      return new RequestInfo(
          method.toLowerCase(java.util.Locale.ROOT), false, "", "", null, "", null, null);
    }
    String version = segments.get(at++);
    String namespace = null;
    if (segments.get(at).equals("namespaces") && segments.size() > at + 1) {
      namespace = segments.get(at + 1);
      // /api/v1/namespaces/x and its status and finalize are the Namespace itself.
      if (segments.size() > at + 2
          && !segments.get(at + 2).equals("status")
          && !segments.get(at + 2).equals("finalize")) {
        at += 2;
      }
    }
    String resource = segments.get(at++);
    String name = at < segments.size() ? segments.get(at++) : null;
    String subresource =
        at < segments.size()
            ? (segments.get(at).equals("proxy")
                ? "proxy"
                : String.join("/", segments.subList(at, segments.size())))
            : null;
    return new RequestInfo(
        verb(request, name), true, group, version, namespace, resource, name, subresource);
  }

  private static String verb(KubeRequest request, @Nullable String name) {
    return switch (request.method()) {
      case "GET", "HEAD" -> {
        boolean watch =
            request
                .query("watch")
                .map(v -> v.isEmpty() || v.equals("true") || v.equals("1"))
                .orElse(false);
        yield name != null ? "get" : watch ? "watch" : "list";
      }
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> name == null ? "deletecollection" : "delete";
      default -> request.method().toLowerCase(java.util.Locale.ROOT);
    };
  }

  /**
   * {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code patch}, {@code
   * delete}, {@code deletecollection}; of other paths the method in lower case.
   */
  public String verb() {
    return verb;
  }

  /** Whether the path names a resource; false for {@code /version}, discovery, health. */
  public boolean isResourceRequest() {
    return resourceRequest;
  }

  /** API group; empty for the core group. */
  public String group() {
    return group;
  }

  /** API version, such as {@code v1}. */
  public String version() {
    return version;
  }

  /** Namespace, where the path names one. */
  public Optional<String> namespace() {
    return Optional.ofNullable(namespace);
  }

  /** Plural resource name, such as {@code pods}; empty when this is no resource request. */
  public String resource() {
    return resource;
  }

  /** Name of the one object, where the path names one. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** Subresource, such as {@code status}; the rest of a proxy path is left out. */
  public Optional<String> subresource() {
    return Optional.ofNullable(subresource);
  }

  /** Resource with its subresource, as RBAC writes it: {@code workspaces/status}. */
  public String resourceAndSubresource() {
    return subresource == null ? resource : resource + "/" + subresource;
  }

  @Override
  public String toString() {
    return verb
        + " "
        + resourceAndSubresource()
        + (group.isEmpty() ? "" : "." + group)
        + (namespace == null ? "" : " " + namespace + "/")
        + (name == null ? "" : (namespace == null ? " " : "") + name);
  }
}
